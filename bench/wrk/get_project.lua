-- getProject; the path is the URL's.  Argument: the API key.

function init(args)
   wrk.headers["Authorization"] = "Bearer " .. args[1]
end
