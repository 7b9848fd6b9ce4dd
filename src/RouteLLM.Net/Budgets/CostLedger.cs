using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Counts what requests cost, in a store, and goes on while that is down.</summary>
/// <remarks>
/// <para>
/// One ledger may serve several clients, and outlives changes of their configuration. Before each call of a route the expected cost is reserved in the budgets that it counts for; afterwards the real cost, from the provider's usage or an estimate where
/// that is silent, takes its place. Both are <see cref="decimal"/> USD. What a call fails with before any output, and what a route's own cache answers, costs nothing.
/// </para>
/// <para>
/// A store that throws, or takes longer than <see cref="CostLedgerOptions.StoreTimeout"/>, is left alone for <see cref="CostLedgerOptions.RetryInterval"/> at a time. Meanwhile costs are kept in memory, added up where they are alike, and are booked, each once, when the store
/// answers again. What is still kept when the process ends is lost (<see cref="DisposeAsync"/> tries to book it first, and logs what it could not).
/// </para>
/// </remarks>
public sealed class CostLedger : IAsyncDisposable
{
    private readonly CostLedgerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly PendingCharges _pending = new();
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly ITimer _timer;
    private readonly ulong _idSeed = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 8);
    private ILogger _logger;
    private long _lastId;
    private long _nextTry;
    private int _timerIsSet;
    private volatile bool _isDown;

    /// <summary>Initializes a new instance of the <see cref="CostLedger"/> class.</summary>
    /// <param name="store">Keeps what was spent; it stays the caller's, and is not disposed.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for that of the first client.</param>
    /// <param name="timeProvider">The clock, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public CostLedger(ILedgerStore store, CostLedgerOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _options = options ?? new();
        _options.Validate();
        Store = store;
        OutputTokens = new(_options.ExpectedOutputTokens);
        _logger = loggerFactory?.CreateLogger(typeof(CostLedger)) ?? NullLogger.Instance;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _timer = _timeProvider.CreateTimer(static ledger => _ = ((CostLedger)ledger!).RetryAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Balances = new(_timeProvider, () => _logger);
    }

    /// <summary>Gets what keeps what was spent.</summary>
    public ILedgerStore Store { get; }

    /// <summary>Gets how many output tokens each route's answers have.</summary>
    public OutputTokenEstimator OutputTokens { get; }

    /// <summary>Gets a value indicating whether the store did not answer the last time.</summary>
    public bool IsStoreDown => _isDown;

    /// <summary>Gets what is spent, in USD, and not booked yet, since the store is down.</summary>
    public decimal PendingCost => _pending.Cost;

    /// <summary>Gets how much of each budget is used, as far as this process has seen. Empty before the first request.</summary>
    public IReadOnlyList<BudgetStatus> BudgetStatuses => Balances.Statuses;

    internal BalanceCache Balances { get; }

    /// <summary>Reads what was used and spent, by day, route and tenant.</summary>
    /// <param name="from">The first day, in UTC.</param>
    /// <param name="to">The last day, in UTC.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The rows, by day, route and tenant.</returns>
    public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default) => Store.ReadDailyAsync(from, to, cancellationToken);

    /// <summary>Learns from what the store kept how many output tokens each route's answers have, so that a process begins with what earlier ones knew.</summary>
    /// <param name="days">How many days to look back, at least 1.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when it is learned.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="days"/> is below 1.</exception>
    public async ValueTask LearnOutputTokensAsync(int days = 7, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        DateOnly today = DateOnly.FromDateTime(_timeProvider.GetUtcNow().UtcDateTime);
        foreach (var route in (await ReadDailyAsync(today.AddDays(1 - days), today, cancellationToken).ConfigureAwait(false)).GroupBy(static row => row.Route))
        {
            long calls = route.Sum(static row => row.Calls);
            if (calls > 0)
            {
                OutputTokens.Learn(route.Key, (double)route.Sum(static row => row.OutputTokens) / calls, calls);
            }
        }
    }

    /// <summary>Books what could not be booked while the store was down.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether nothing is left to book.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken = default)
    {
        await _flushing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (_pending.TryTake(out LedgerCharge? charge))
            {
                try
                {
                    await WithinAsync(Store.SettleAsync(charge, cancellationToken), cancellationToken).ConfigureAwait(false);
                    NoteUp();
                }
                catch (Exception error)
                {
                    _pending.Add(charge with { IsRetry = true });
                    cancellationToken.ThrowIfCancellationRequested();
                    NoteDown(error);
                    return false;
                }
            }

            return true;
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Books what could not be booked while the store was down, if it answers now, and logs what is lost if it does not. The store is not disposed.</summary>
    /// <returns>A task that completes when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        if (!await FlushAsync().ConfigureAwait(false))
        {
            _logger.ChargesLost(_pending.Count, _pending.Cost);
        }
    }

    /// <summary>Makes a client's logger that of the ledger, if it has none.</summary>
    internal void UseLogger(ILogger logger)
    {
        if (ReferenceEquals(_logger, NullLogger.Instance))
        {
            _logger = logger;
        }
    }

    /// <summary>Makes an id that no other call has: this ledger's random number and the call's.</summary>
    internal Guid NewId()
    {
        ulong id = (ulong)Interlocked.Increment(ref _lastId);
        return MemoryMarshal.Cast<ulong, Guid>([_idSeed, id])[0];
    }

    /// <summary>Reserves an amount.</summary>
    /// <param name="accounts">The accounts, which may be none.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>What came of it, or <see langword="null"/> if the store is down.</returns>
    internal async ValueTask<LedgerReserveResult?> TryReserveAsync(Guid id, DateTimeOffset now, decimal amount, LedgerAccount[] accounts, CancellationToken cancellationToken)
    {
        if (!MayTry())
        {
            return null;
        }

        try
        {
            var reservation = new LedgerReservation { Id = id, Time = now, Expires = now + _options.ReservationLifetime, Amount = amount, Accounts = accounts };
            LedgerReserveResult result = await WithinAsync(Store.ReserveAsync(reservation, cancellationToken), cancellationToken).ConfigureAwait(false);
            NoteUp();
            return result;
        }
        catch (Exception error)
        {
            // It may have been made all the same; whatever was, is given back.
            Keep(new() { Id = id, IsReserved = true, Time = now, Route = "" });
            cancellationToken.ThrowIfCancellationRequested();
            NoteDown(error);
            return null;
        }
    }

    /// <summary>Books what a call cost, now or when the store is back.</summary>
    /// <returns>The balances of the accounts, or <see langword="null"/> if the store is down.</returns>
    internal async ValueTask<IReadOnlyList<LedgerBalance>?> SettleAsync(LedgerCharge charge)
    {
        if (!MayTry())
        {
            Keep(charge);
            return null;
        }

        try
        {
            IReadOnlyList<LedgerBalance> balances = await WithinAsync(Store.SettleAsync(charge), CancellationToken.None).ConfigureAwait(false);
            NoteUp();
            return balances;
        }
        catch (Exception error)
        {
            Keep(charge with { IsRetry = true });
            NoteDown(error);
            return null;
        }
    }

    /// <summary>Gives an account's balance as it is known, read anew if it is too old; as it was last known, or nothing, while the store is down.</summary>
    internal ValueTask<LedgerBalance> GetBalanceAsync(BudgetScope scope, LedgerAccount account, CancellationToken cancellationToken) =>
        Balances.TryGet(account, _options.BalanceAge, out LedgerBalance balance) || !MayTry() ? new(balance) : ReadBalanceAsync(scope, account, balance, cancellationToken);

    private async ValueTask<LedgerBalance> ReadBalanceAsync(BudgetScope scope, LedgerAccount account, LedgerBalance known, CancellationToken cancellationToken)
    {
        try
        {
            LedgerBalance balance = await WithinAsync(Store.ReadBalanceAsync(account, cancellationToken), cancellationToken).ConfigureAwait(false);
            NoteUp();
            Balances.Set(scope, account, balance);
            return balance;
        }
        catch (Exception error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NoteDown(error);
            return known;
        }
    }

    private ValueTask<T> WithinAsync<T>(ValueTask<T> operation, CancellationToken cancellationToken) =>
        operation.IsCompleted ? operation : AwaitAsync(operation.AsTask(), cancellationToken);

    private async ValueTask<T> AwaitAsync<T>(Task<T> operation, CancellationToken cancellationToken)
    {
        try
        {
            return await operation.WaitAsync(_options.StoreTimeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nobody waits for it any longer; if it fails yet, that is not to be reported as unobserved.
            _ = operation.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    // While the store is down, one caller an interval finds out whether it is back.
    private bool MayTry()
    {
        if (!_isDown)
        {
            return true;
        }

        long now = _timeProvider.GetTimestamp(), next = Volatile.Read(ref _nextTry);
        return now >= next && Interlocked.CompareExchange(ref _nextTry, NextTry(now), next) == next;
    }

    private long NextTry(long now) => now + (long)(_options.RetryInterval.TotalSeconds * _timeProvider.TimestampFrequency);

    private void NoteDown(Exception error)
    {
        Volatile.Write(ref _nextTry, NextTry(_timeProvider.GetTimestamp()));
        if (!_isDown)
        {
            _isDown = true;
            _logger.StoreDown(error, Store.GetType().Name, error.GetType().Name);
        }
    }

    private void NoteUp()
    {
        if (_isDown)
        {
            _isDown = false;
            _logger.StoreUp(Store.GetType().Name, _pending.Count, _pending.Cost);
        }
    }

    private void Keep(LedgerCharge charge)
    {
        _pending.Add(charge);
        if (Interlocked.Exchange(ref _timerIsSet, 1) == 0)
        {
            _timer.Change(_options.RetryInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task RetryAsync()
    {
        Volatile.Write(ref _timerIsSet, 0);
        await FlushAsync().ConfigureAwait(false);
        if (_pending.Count > 0 && Interlocked.Exchange(ref _timerIsSet, 1) == 0)
        {
            _timer.Change(_options.RetryInterval, Timeout.InfiniteTimeSpan);
        }
    }
}
