using System.Globalization;
using System.Text.Json;
using RouteLLM.Redis.Internals;
using StackExchange.Redis;

namespace RouteLLM.Redis;

/// <summary>Keeps what was spent in Redis (2.6.12 or later, or what speaks its protocol), so that many instances share their budgets.</summary>
/// <remarks>
/// <para>
/// Each operation is one Lua script, which Redis runs alone: however many instances reserve at once, together they cannot reserve more than a limit. Amounts are integers of a billionth of a dollar: what a call cost is rounded to the nearest, half to even, so a sum of n calls is
/// off by at most n / 2 billionths; reservations are rounded up. A limit is at most 9,000,000 USD.
/// </para>
/// <para>
/// What survives a crash of the server is a matter of its configuration: nothing acknowledged is lost with <c>appendonly yes</c> and <c>appendfsync always</c>, about a second with <c>everysec</c>. What is in flight in an instance that crashes is released once its
/// reservations expire. Times are the instances' own; their clocks should agree to some seconds.
/// </para>
/// </remarks>
public sealed class RedisLedgerStore : ILedgerStore
{
    // For how long a charge may be tried again and still be known to be booked.
    private static readonly TimeSpan s_retryWindow = TimeSpan.FromDays(1);

    private readonly IConnectionMultiplexer _redis;
    private readonly RedisLedgerOptions _options;
    private readonly string _prefix;
    private readonly RedisKey _leases;
    private readonly RedisKey _reservations;

    /// <summary>Initializes a new instance of the <see cref="RedisLedgerStore"/> class.</summary>
    /// <param name="redis">The connection; it stays the caller's. With <c>abortConnect=false</c> it is usable though the server comes up later.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults; read once.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public RedisLedgerStore(IConnectionMultiplexer redis, RedisLedgerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _redis = redis;
        _options = options ?? new();
        _options.Validate();
        _prefix = $"{{{_options.KeyPrefix}}}:ledger:";
        _leases = _prefix + "leases";
        _reservations = _prefix + "reservations";
    }

    /// <inheritdoc/>
    public bool SurvivesRestart => true;

    private IDatabase Database => _redis.GetDatabase(_options.Database);

    /// <inheritdoc/>
    /// <exception cref="RedisException">The server does not answer, or refuses.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is above 9,000,000 USD.</exception>
    public async ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        string amount = Text(NanoUsd.FromReservation(reservation.Amount));
        int count = reservation.Accounts.Count;
        var keys = new RedisKey[2 + count];
        var arguments = new RedisValue[6 + (4 * count)];
        keys[0] = _leases;
        keys[1] = _reservations;
        for (int i = 0; i < count; i++)
        {
            LedgerAccount account = reservation.Accounts[i];
            keys[2 + i] = KeyOf(account);
            arguments[6 + (4 * i)] = account.Bucket;
            arguments[7 + (4 * i)] = account.OldestBucket;
            arguments[8 + (4 * i)] = account.Limit is { } limit ? NanoUsd.FromLimit(limit) : -1;
            arguments[9 + (4 * i)] = MillisecondsUntil(account.Expires, reservation.Time);
        }

        arguments[0] = reservation.Time.ToUnixTimeMilliseconds();
        arguments[1] = reservation.Expires.ToUnixTimeMilliseconds();
        arguments[2] = reservation.Id.ToString("N");
        arguments[3] = amount;
        arguments[4] = (reservation.Time + s_retryWindow).ToUnixTimeMilliseconds();
        arguments[5] = Write(amount, reservation.Accounts);
        RedisResult[] result = await RunAsync(LedgerScripts.Reserve, keys, arguments, cancellationToken).ConfigureAwait(false);
        int refused = (int)result[0];
        return new(refused < 0 ? null : refused, ReadBalances(result.AsSpan(1)));
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">The server does not answer, or refuses.</exception>
    public async ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(charge);
        int count = charge.Accounts.Count;
        var keys = new RedisKey[4 + count];
        var arguments = new RedisValue[12 + (3 * count)];
        keys[0] = _leases;
        keys[1] = _reservations;
        keys[2] = $"{_prefix}booked:{charge.Id:N}";
        keys[3] = KeyOf(DateOnly.FromDateTime(charge.Time.UtcDateTime));
        for (int i = 0; i < count; i++)
        {
            LedgerAccount account = charge.Accounts[i];
            keys[4 + i] = KeyOf(account);
            arguments[12 + (3 * i)] = account.Bucket;
            arguments[13 + (3 * i)] = account.OldestBucket;
            arguments[14 + (3 * i)] = MillisecondsUntil(account.Expires, charge.Time);
        }

        arguments[0] = charge.Id.ToString("N");
        arguments[1] = charge.IsReserved ? "1" : "0";
        arguments[2] = charge.IsRetry ? "1" : "0";
        arguments[3] = Text(NanoUsd.FromCost(charge.Cost));
        arguments[4] = (long)s_retryWindow.TotalMilliseconds;
        arguments[5] = (long)_options.KeepDays.TotalMilliseconds;
        arguments[6] = DailyRowName.Write(charge.Route, charge.Tenant);
        arguments[7] = Text(charge.Calls);
        arguments[8] = charge.EstimatedCalls;
        arguments[9] = charge.InputTokens;
        arguments[10] = charge.CachedInputTokens;
        arguments[11] = charge.OutputTokens;
        return ReadBalances(await RunAsync(LedgerScripts.Settle, keys, arguments, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">The server does not answer, or refuses.</exception>
    public async ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) =>
        ReadBalances(await RunAsync(LedgerScripts.Read, [KeyOf(account)], [account.Bucket, account.OldestBucket], cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    /// <remarks>It asks for each day, so the days are to be a report's, not all of time.</remarks>
    /// <exception cref="RedisException">The server does not answer, or refuses.</exception>
    public async ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default)
    {
        Dictionary<(DateOnly, string, string?), DailySpend> rows = [];

        for (DateOnly day = from; day <= to; day = day.AddDays(1))
        {
            foreach (HashEntry entry in await Database.HashGetAllAsync(KeyOf(day)).WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                string name = entry.Name.ToString();
                (string route, string? tenant) = DailyRowName.Read(name[1..]);
                DailySpend row = rows.GetValueOrDefault((day, route, tenant)) ?? new(day, route, tenant);
                long value = (long)entry.Value;
                rows[(day, route, tenant)] = name[0] switch
                {
                    'n' => row with { Calls = value },
                    'e' => row with { EstimatedCalls = value },
                    'i' => row with { InputTokens = value },
                    'c' => row with { CachedInputTokens = value },
                    'o' => row with { OutputTokens = value },
                    _ => row with { Cost = NanoUsd.ToUsd(value) },
                };
            }
        }

        return [.. rows.Values.OrderBy(static row => row.Day).ThenBy(static row => row.Route, StringComparer.Ordinal).ThenBy(static row => row.Tenant, StringComparer.Ordinal)];
    }

    private static LedgerBalance[] ReadBalances(ReadOnlySpan<RedisResult> values)
    {
        var balances = new LedgerBalance[values.Length / 2];
        for (int i = 0; i < balances.Length; i++)
        {
            balances[i] = new(NanoUsd.ToUsd((long)values[2 * i]), NanoUsd.ToUsd((long)values[(2 * i) + 1]));
        }

        return balances;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long MillisecondsUntil(DateTimeOffset expires, DateTimeOffset time) => Math.Max((long)(expires - time).TotalMilliseconds, 1);

    private string Write(string amount, IReadOnlyList<LedgerAccount> accounts)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(amount);
            foreach (LedgerAccount account in accounts)
            {
                writer.WriteStringValue(KeyOf(account));
                writer.WriteStringValue(Text(account.Bucket));
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private string KeyOf(LedgerAccount account) => $"{_prefix}account:{account.Key}";

    private RedisKey KeyOf(DateOnly day) => $"{_prefix}day:{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";

    private async Task<RedisResult[]> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        (RedisResult[]?)await Database.ScriptEvaluateAsync(script, keys, arguments).WaitAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException("The ledger's script gave no answer.");
}
