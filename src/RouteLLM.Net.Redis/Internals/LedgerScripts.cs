namespace RouteLLM.Redis.Internals;

/// <summary>The ledger's operations, each atomic.</summary>
/// <remarks>
/// An account is a hash with fields <c>s:BUCKET</c> (spent) and <c>r:BUCKET</c> (reserved). A reservation is a field of the hash <c>reservations</c>, a JSON array of its amount and, by turns, account keys and buckets; the sorted set <c>leases</c> has its id by
/// the time it expires. One that expired gives its amount back, but stays known as an empty one for a day, so that a charge that is tried again can be told from one that is booked. Amounts are added by HINCRBY, in 64-bit integers: they are passed as text, and Lua only compares
/// them.
/// </remarks>
internal static class LedgerScripts
{
    // A call of the last period that ends in this one does not shorten the life of what this one has booked, so a time to live only grows.
    // What an account holds; what is older than the oldest bucket that counts is deleted unless calls in flight have reserved there.
    private const string Balance = """
        local function balance(key, oldest, newest, sweep)
            local spent, reserved = 0, 0
            local all = redis.call('HGETALL', key)
            for i = 1, #all, 2 do
                local bucket = tonumber(string.sub(all[i], 3))
                local amount = tonumber(all[i + 1])
                if bucket >= oldest and bucket <= newest then
                    if string.sub(all[i], 1, 1) == 's' then spent = spent + amount else reserved = reserved + amount end
                elseif sweep and bucket < oldest and (string.sub(all[i], 1, 1) == 's' or amount == 0) then
                    redis.call('HDEL', key, all[i])
                end
            end
            return spent, reserved
        end
        local function negative(amount)
            return amount == '0' and '0' or '-' .. amount
        end
        local function keep(key, milliseconds)
            if redis.call('PTTL', key) < tonumber(milliseconds) then redis.call('PEXPIRE', key, milliseconds) end
        end

        """;

    /// <summary>Keys: leases, reservations, accounts. Arguments: now, expiry, id, amount, the time an expired one is forgotten, the reservation as JSON; then by account: bucket, oldest bucket, limit or -1, time to live. Gives the index of the account that refuses, or -1, and the balances.</summary>
    public const string Reserve = Balance + """
        local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 100)
        for _, id in ipairs(expired) do
            local data = redis.call('HGET', KEYS[2], id)
            local reservation = data and cjson.decode(data)
            if reservation and #reservation > 1 then
                for i = 2, #reservation, 2 do
                    redis.call('HINCRBY', reservation[i], 'r:' .. reservation[i + 1], negative(reservation[1]))
                end
                redis.call('HSET', KEYS[2], id, '["0"]')
                redis.call('ZADD', KEYS[1], ARGV[5], id)
            else
                redis.call('HDEL', KEYS[2], id)
                redis.call('ZREM', KEYS[1], id)
            end
        end
        local amount = tonumber(ARGV[4])
        local refused = -1
        local result = { 0 }
        for i = 3, #KEYS do
            local a = 7 + (i - 3) * 4
            local spent, reserved = balance(KEYS[i], tonumber(ARGV[a + 1]), tonumber(ARGV[a]), true)
            local limit = tonumber(ARGV[a + 2])
            if refused < 0 and amount > 0 and limit >= 0 and spent + reserved + amount > limit then refused = i - 3 end
            result[#result + 1] = spent
            result[#result + 1] = reserved
        end
        result[1] = refused
        if refused >= 0 then return result end
        for i = 3, #KEYS do
            local a = 7 + (i - 3) * 4
            redis.call('HINCRBY', KEYS[i], 'r:' .. ARGV[a], ARGV[4])
            keep(KEYS[i], ARGV[a + 3])
            result[3 + (i - 3) * 2] = result[3 + (i - 3) * 2] + amount
        end
        redis.call('HSET', KEYS[2], ARGV[3], ARGV[6])
        redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
        return result
        """;

    /// <summary>
    /// Keys: leases, reservations, the note that an unreserved charge is booked, day, accounts. Arguments: id, 1 if there was a reservation, 1 if it may be booked already, cost, time to live of the note, time to live of the day, the row's name, calls, estimated calls,
    /// input, cached and output tokens; then by account: bucket, oldest bucket, time to live. Gives the balances.
    /// </summary>
    public const string Settle = Balance + """
        local book = true
        if ARGV[2] == '1' then
            local data = redis.call('HGET', KEYS[2], ARGV[1])
            if data then
                local reservation = cjson.decode(data)
                for i = 2, #reservation, 2 do
                    redis.call('HINCRBY', reservation[i], 'r:' .. reservation[i + 1], negative(reservation[1]))
                end
                redis.call('HDEL', KEYS[2], ARGV[1])
                redis.call('ZREM', KEYS[1], ARGV[1])
            elseif ARGV[3] == '1' then
                book = false
            end
        else
            book = redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[5]) and true or false
        end
        if book then
            if ARGV[8] ~= '0' or ARGV[4] ~= '0' then
                local names = { 'n', 'e', 'i', 'c', 'o' }
                for i = 1, 5 do
                    redis.call('HINCRBY', KEYS[4], names[i] .. ARGV[7], ARGV[7 + i])
                end
                redis.call('HINCRBY', KEYS[4], '$' .. ARGV[7], ARGV[4])
                redis.call('PEXPIRE', KEYS[4], ARGV[6])
            end
        end
        local result = {}
        for i = 5, #KEYS do
            local a = 13 + (i - 5) * 3
            if book and ARGV[4] ~= '0' then
                redis.call('HINCRBY', KEYS[i], 's:' .. ARGV[a], ARGV[4])
                keep(KEYS[i], ARGV[a + 2])
            end
            local spent, reserved = balance(KEYS[i], tonumber(ARGV[a + 1]), tonumber(ARGV[a]), false)
            result[#result + 1] = spent
            result[#result + 1] = reserved
        end
        return result
        """;

    /// <summary>Keys: an account. Arguments: bucket, oldest bucket. Gives the balance.</summary>
    public const string Read = Balance + """
        local spent, reserved = balance(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[1]), false)
        return { spent, reserved }
        """;
}
