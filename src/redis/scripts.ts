/** Lua scripts: each is one step for Redis, and touches only the keys that it is given, as a Cluster asks for. */

/** Nothing is written where others keep another format. Every answer begins with `ok`, or with `format` and what stands there. */
const common = `
local function findOther()
  local text = redis.call('GET', KEYS[1])
  local number = text and string.match(text, '^(%d+) ')
  if number and number ~= ARGV[1] then return text end
end
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function prolong(key, ms)
  if redis.call('PTTL', key) < tonumber(ms) then redis.call('PEXPIRE', key, ms) end
end
-- Begins at the time in microseconds, so that after a loss nobody takes it for what was there before.
local function readVersion(key)
  local version = redis.call('GET', key)
  if version and #version <= 16 and string.match(version, '^%d+$') then return version end
  local time = redis.call('TIME')
  version = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
  redis.call('SET', key, version)
  return version
end
local other = findOther()
if other then return { 'format', other } end
`;

/**
 * KEYS: format, words, version. ARGV: format, how long words are kept (ms), channel, the latest stamp that is believed, how
 * many words are kept, the message. Answers with how many words found no room.
 */
export const mergeScript = `${common}
-- Byte by byte: Lua compares texts by the locale.
local function isGreater(a, b)
  for i = 1, #a do
    local x, y = string.byte(a, i), string.byte(b, i) or 0
    if x ~= y then return x > y end
  end
  return false
end
local function isLater(stamp, old)
  local known = string.match(old, '^(%w+%-%w+%-%x+)|%d+|')
  if not known or #known ~= #stamp then return true end
  if isGreater(string.sub(known, 1, 9), ARGV[4]) then return true end
  return isGreater(stamp, known)
end
local news = cjson.decode(ARGV[6])
local size = redis.call('HLEN', KEYS[2])
local won, full = 0, 0
for _, word in ipairs(news.w) do
  local old = redis.call('HGET', KEYS[2], word[1])
  if not old and size >= tonumber(ARGV[5]) then
    full = full + 1
  elseif not old or isLater(word[2], old) then
    redis.call('HSET', KEYS[2], word[1], word[2] .. '|' .. string.format('%.0f', word[3]) .. '|' .. word[4])
    won = won + 1
    if not old then size = size + 1 end
  end
end
if won > 0 then
  readVersion(KEYS[3])
  redis.call('INCR', KEYS[3])
  prolong(KEYS[2], ARGV[2])
  prolong(KEYS[3], ARGV[2])
  redis.call('PUBLISH', ARGV[3], 'w ' .. redis.call('GET', KEYS[3]) .. '\\n' .. ARGV[6])
elseif full > 0 or #news.t > 0 then
  redis.call('PUBLISH', ARGV[3], 't 0\\n' .. ARGV[6])
end
return { 'ok', tostring(full) }
`;

/**
 * KEYS: format, words, version, processes, the totals of this process, then leases. ARGV: format, the text of it, process,
 * expiry (ms), how long words are kept (ms), channel, the message, how many of the leases are wanted (the others are given
 * back), how many processes are told, whether all totals come anew, then fields of the totals and their values. Answers with
 * how many totals there are, which leases are held, who has left, who is alive.
 */
export const beatScript = `${common}
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
local version = readVersion(KEYS[3])
prolong(KEYS[3], ARGV[5])
prolong(KEYS[2], ARGV[5])
local at = now()
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', at)
redis.call('ZADD', KEYS[4], at + tonumber(ARGV[4]), ARGV[3])
prolong(KEYS[4], ARGV[4])
if ARGV[10] == '1' then redis.call('DEL', KEYS[5]) end
for i = 11, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[5], ARGV[i])
  else
    redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1])
  end
end
redis.call('PEXPIRE', KEYS[5], ARGV[4])
local held = {}
for i = 6, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  local isWanted = i - 5 <= tonumber(ARGV[8])
  if isWanted and (not holder or holder == ARGV[3]) then
    redis.call('SET', KEYS[i], ARGV[3], 'PX', ARGV[4])
    holder = ARGV[3]
  elseif not isWanted and holder == ARGV[3] then
    redis.call('DEL', KEYS[i])
  elseif isWanted and redis.call('PTTL', KEYS[i]) < 0 then
    -- Of nobody who beats: a lease always expires.
    redis.call('PEXPIRE', KEYS[i], ARGV[4])
  end
  if isWanted then held[#held + 1] = holder == ARGV[3] and '1' or '0' end
end
redis.call('PUBLISH', ARGV[6], 'b ' .. version .. '\\n' .. ARGV[7])
local alive = redis.call('ZRANGE', KEYS[4], 0, tonumber(ARGV[9]) - 1)
return { 'ok', tostring(redis.call('HLEN', KEYS[5])), held, alive }
`;

/**
 * KEYS: format, words, version. ARGV: format, cursor, how many words at once, the longest word. Answers with the version,
 * the next cursor, how many were none, and the words. What is expired or none is taken away.
 */
export const readScript = `${common}
local version = readVersion(KEYS[3])
local page = redis.call('HSCAN', KEYS[2], ARGV[2], 'COUNT', ARGV[3])
local at = now()
local words, faults = {}, 0
for i = 1, #page[2], 2 do
  local field, value = page[2][i], page[2][i + 1]
  local till = string.match(value, '^%w+%-%w+%-%x+|(%d+)|')
  if not till or #till > 16 or #value > tonumber(ARGV[4]) or #field > tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[2], field)
    faults = faults + 1
  elseif tonumber(till) > 0 and tonumber(till) + 60000 < at then
    -- A minute later than it says, for clocks that differ.
    redis.call('HDEL', KEYS[2], field)
  else
    words[#words + 1] = field
    words[#words + 1] = value
  end
end
return { 'ok', version, page[1], tostring(faults), words }
`;

/** KEYS: format, the totals of a process. ARGV: format. Answers with fields and values. */
export const totalsScript = `${common}
return { 'ok', redis.call('HGETALL', KEYS[2]) }
`;

/** KEYS: format, processes, the totals of this process, then its leases. ARGV: format, process, channel, the message. */
export const leaveScript = `${common}
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[3])
for i = 4, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[2] then redis.call('DEL', KEYS[i]) end
end
redis.call('PUBLISH', ARGV[3], 'x 0\\n' .. ARGV[4])
return { 'ok' }
`;
