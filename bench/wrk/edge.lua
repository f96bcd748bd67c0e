-- GET, as the arguments say:
--
--     key=TEXT          with this API key or token
--     keys=PATH         with those of a file in turn, one on each line
--     cookie=TEXT       with this cookie
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

   if option.cookie then
      head = head .. "Cookie: " .. option.cookie .. "\r\n"
   end

   if option.keys then
      for key in io.lines(option.keys) do
         requests[#requests + 1] = head .. "Authorization: Bearer " .. key .. "\r\n\r\n"
      end

      return
   end

   for i = 1, tonumber(option.addresses or 1) do
      requests[i] = (head .. "X-Forwarded-For: " .. address(i) .. "\r\n\r\n"):rep(tonumber(option.pipelined or 1))
   end
end

function request()
   count = count % #requests + 1

   return requests[count]
end
