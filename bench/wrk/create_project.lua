-- createProject with a fresh name and Idempotency-Key for each request.
-- Arguments: a word that no other run uses, and the API keys, taken in turn.

local templates = {}
local run
local count = 0

function init(args)
   local body = '{"name":"bench %s"}'

   run = args[1]

   local length = #body - 2 + #run + 11

   for i = 2, #args do
      templates[i - 1] = "POST " .. wrk.path .. " HTTP/1.1\r\n"
         .. "Host: " .. wrk.headers["Host"] .. "\r\n"
         .. "Authorization: Bearer " .. args[i] .. "\r\n"
         .. "Content-Type: application/json\r\n"
         .. "Content-Length: " .. length .. "\r\n"
         .. "Idempotency-Key: %s\r\n\r\n" .. body
   end
end

function request()
   count = count + 1

   local id = string.format("%s-%010d", run, count)

   return string.format(templates[count % #templates + 1], id, id)
end
