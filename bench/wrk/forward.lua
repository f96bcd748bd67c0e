-- The forward hop's request, always the same: a POST of 200 bytes.

local name = string.rep("n", 100)
local body = '{"name":"' .. name .. '","template":"platform","previewTtlHours":72}'

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Idempotency-Key"] = "0123456789abcdef"
wrk.body = body .. string.rep(" ", 200 - #body)
