import { createHash } from 'node:crypto';

/** A Lua script: one step for Redis, which touches only the keys that it is given, as a Cluster asks for. */
export type Script = Readonly<{
  text: string;
  /** By which Redis knows it, once it has had the text. */
  sha: string;
}>;

/** Nothing is written where others keep another format. Every answer begins with `ok`, or with `format` and what stands there. */
const common = `
local function call(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if string.find(reply.err, 'WRONGTYPE', 1, true) then
    error('WRONGTYPE: ' .. select(2, ...) .. ' is none of ours, delete it', 0)
  end
  -- Fails once more, in the words of Redis.
  return redis.call(...)
end
local function findOther()
  local text = call('GET', KEYS[1])
  local number = text and string.match(text, '^(%d+) ')
  if number and number ~= ARGV[1] then return text end
end
local function now()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function prolong(key, ms)
  if call('PTTL', key) < tonumber(ms) then call('PEXPIRE', key, ms) end
end
-- Begins at the time in microseconds, so that after a loss nobody takes it for what was there before.
local function readVersion(key)
  local version = call('GET', key)
  -- Below 2^53, which is as far as numbers can be told apart.
  if version and #version <= 16 and string.match(version, '^%d+$') and tonumber(version) < 9e15 then return version end
  local time = call('TIME')
  version = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
  call('SET', key, version)
  return version
end
local other = findOther()
if other then return { 'format', string.sub(other, 1, 60) } end
`;

/**
 * KEYS: format, words, version. ARGV: format, how long words are kept (ms), channel, the latest stamp that is believed, how
 * many words are kept, the message. Answers with how many words found no room.
 */
export const mergeScript = defineScript(`
-- Byte by byte: Lua compares texts by the locale.
local function isGreater(a, b)
  for i = 1, #a do
    local x, y = string.byte(a, i), string.byte(b, i) or 0
    if x ~= y then return x > y end
  end
  return false
end
local function isLater(stamp, old)
  local known = string.match(string.sub(old, 1, 60), '^(%w+%-%w+%-%x+)|%d+|')
  if not known or #known ~= #stamp then return true end
  if isGreater(string.sub(known, 1, 9), ARGV[4]) then return true end
  return isGreater(stamp, known)
end
local news = cjson.decode(ARGV[6])
local size = call('HLEN', KEYS[2])
local won, full = 0, 0
for _, word in ipairs(news.w) do
  local old = call('HGET', KEYS[2], word[1])
  if not old and size >= tonumber(ARGV[5]) then
    full = full + 1
  elseif not old or isLater(word[2], old) then
    call('HSET', KEYS[2], word[1], word[2] .. '|' .. string.format('%.0f', word[3]) .. '|' .. word[4])
    won = won + 1
    if not old then size = size + 1 end
  end
end
if won > 0 then
  readVersion(KEYS[3])
  call('INCR', KEYS[3])
  prolong(KEYS[2], ARGV[2])
  prolong(KEYS[3], ARGV[2])
  call('PUBLISH', ARGV[3], 'w ' .. call('GET', KEYS[3]) .. '\\n' .. ARGV[6])
elseif full > 0 or #news.t > 0 then
  call('PUBLISH', ARGV[3], 't 0\\n' .. ARGV[6])
end
return { 'ok', tostring(full) }
`);

/**
 * KEYS: format, words, version, processes, the totals of this process, then leases. ARGV: format, the text of it, process,
 * expiry (ms), how long words are kept (ms), channel, the message, how many of the leases are wanted (the others are given
 * back), how many processes are told, whether all totals come anew, then fields of the totals and their values. Answers with
 * how many totals there are, which leases are held, who has left, who is alive.
 */
export const beatScript = defineScript(`
-- Processes with a longer expiry count on it for longer; none is longer than an hour.
local stays = math.min(call('PTTL', KEYS[1]), 3600000)
call('SET', KEYS[1], ARGV[2], 'PX', string.format('%.0f', math.max(stays, tonumber(ARGV[4]))))
local version = readVersion(KEYS[3])
prolong(KEYS[3], ARGV[5])
prolong(KEYS[2], ARGV[5])
local at = now()
call('ZREMRANGEBYSCORE', KEYS[4], '-inf', at)
-- No expiry is longer than an hour: whoever is to stay longer was entered by another clock, or by somebody else.
call('ZREMRANGEBYSCORE', KEYS[4], at + 3600001, '+inf')
call('ZADD', KEYS[4], at + tonumber(ARGV[4]), ARGV[3])
prolong(KEYS[4], ARGV[4])
if ARGV[10] == '1' then call('DEL', KEYS[5]) end
for i = 11, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    call('HDEL', KEYS[5], ARGV[i])
  else
    call('HSET', KEYS[5], ARGV[i], ARGV[i + 1])
  end
end
call('PEXPIRE', KEYS[5], ARGV[4])
local held = {}
for i = 6, #KEYS do
  local holder = call('GET', KEYS[i])
  local isWanted = i - 5 <= tonumber(ARGV[8])
  if isWanted and (not holder or holder == ARGV[3]) then
    call('SET', KEYS[i], ARGV[3], 'PX', ARGV[4])
    holder = ARGV[3]
  elseif not isWanted and holder == ARGV[3] then
    call('DEL', KEYS[i])
  elseif isWanted and call('PTTL', KEYS[i]) < 0 then
    -- Of nobody who beats: a lease always expires.
    call('PEXPIRE', KEYS[i], ARGV[4])
  end
  if isWanted then held[#held + 1] = holder == ARGV[3] and '1' or '0' end
end
call('PUBLISH', ARGV[6], 'b ' .. version .. '\\n' .. ARGV[7])
local alive = call('ZRANGE', KEYS[4], 0, tonumber(ARGV[9]) - 1)
return { 'ok', tostring(call('HLEN', KEYS[5])), held, alive }
`);

/**
 * KEYS: format, words, version. ARGV: format, cursor, how many words at once, the longest word. Answers with the version,
 * the next cursor, how many were none, and the words. What is expired or none is taken away.
 */
export const readScript = defineScript(`
local version = readVersion(KEYS[3])
local page = call('HSCAN', KEYS[2], ARGV[2], 'COUNT', ARGV[3])
local at = now()
local words, faults = {}, 0
for i = 1, #page[2], 2 do
  local field, value = page[2][i], page[2][i + 1]
  -- Only where it can stand: in a long text of letters the search takes its time, and Redis does nothing else meanwhile.
  local till = string.match(string.sub(value, 1, 60), '^%w+%-%w+%-%x+|(%d+)|')
  if not till or #till > 16 or #value > tonumber(ARGV[4]) or #field > tonumber(ARGV[4]) then
    call('HDEL', KEYS[2], field)
    faults = faults + 1
  elseif tonumber(till) > 0 and tonumber(till) + 60000 < at then
    -- A minute later than it says, for clocks that differ.
    call('HDEL', KEYS[2], field)
  else
    words[#words + 1] = field
    words[#words + 1] = value
  end
end
return { 'ok', version, page[1], tostring(faults), words }
`);

/** KEYS: format, the totals of a process. ARGV: format, how many there may be, the longest. Answers with fields and values. */
export const totalsScript = defineScript(`
local totals = {}
if call('HLEN', KEYS[2]) <= tonumber(ARGV[2]) then
  local all = call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do
    if #all[i] <= tonumber(ARGV[3]) and #all[i + 1] <= tonumber(ARGV[3]) then
      totals[#totals + 1] = all[i]
      totals[#totals + 1] = all[i + 1]
    end
  end
end
return { 'ok', totals }
`);

/** KEYS: format, processes, the totals of this process, then its leases. ARGV: format, process, channel, the message. */
export const leaveScript = defineScript(`
call('ZREM', KEYS[2], ARGV[2])
call('DEL', KEYS[3])
for i = 4, #KEYS do
  if call('GET', KEYS[i]) == ARGV[2] then call('DEL', KEYS[i]) end
end
call('PUBLISH', ARGV[3], 'x 0\\n' .. ARGV[4])
return { 'ok' }
`);

function defineScript(own: string): Script {
  const text = common + own;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
