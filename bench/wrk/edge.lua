-- GET, as the arguments say:
--
--     key=TEXT          with this API key
--     addresses=N       from N addresses in turn, in X-Forwarded-For
--     pipelined=N       N requests at once

local function options(args)
   local found = {}

   for _, arg in ipairs(args) do
      local name, value = arg:match("^(%w+)=(.*)$")

      found[name] = value
   end

   return found
end

local function address(i)
   return string.format("10.%d.%d.%d", math.floor(i / 65536) % 256, math.floor(i / 256) % 256, i % 256)
end

local requests = {}
local count = 0

function init(args)
   local option = options(args)
   local head = "GET " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n"

   if option.key then
      head = head .. "Authorization: Bearer " .. option.key .. "\r\n"
   end

   for i = 1, tonumber(option.addresses or 1) do
      requests[i] = (head .. "X-Forwarded-For: " .. address(i) .. "\r\n\r\n"):rep(tonumber(option.pipelined or 1))
   end
end

function request()
   count = count % #requests + 1

   return requests[count]
end
