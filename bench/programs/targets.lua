-- Walks a list of targets, one a line: wrk … -s targets.lua URL -- FILE
local targets = {}
local index = 0
local head = " HTTP/1.1\r\n"

function init(args)
  for target in io.lines(args[1]) do targets[#targets + 1] = target end
  for name, value in pairs(wrk.headers) do head = head .. name .. ": " .. value .. "\r\n" end
  head = head .. "\r\n"
end

function request()
  index = index % #targets + 1
  return "GET " .. targets[index] .. head
end
