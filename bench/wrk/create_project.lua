-- createProject with a fresh name and Idempotency-Key for each request.
-- Arguments: the API key, and a word that no other run uses.

local template
local run
local count = 0

function init(args)
   local body = '{"name":"bench %s"}'
   local length = #body - 2 + #args[2] + 11

   template = "POST " .. wrk.path .. " HTTP/1.1\r\n"
      .. "Host: " .. wrk.headers["Host"] .. "\r\n"
      .. "Authorization: Bearer " .. args[1] .. "\r\n"
      .. "Content-Type: application/json\r\n"
      .. "Content-Length: " .. length .. "\r\n"
      .. "Idempotency-Key: %s\r\n\r\n" .. body
   run = args[2]
end

function request()
   count = count + 1

   local id = string.format("%s-%010d", run, count)

   return string.format(template, id, id)
end
