using Microsoft.Data.Sqlite;
using RouteLLM.Internals;
using RouteLLM.Sqlite.Internals;

namespace RouteLLM.Sqlite;

/// <summary>Keeps what was spent in a SQLite file, so that budgets go on after a restart, a crash or a power cut.</summary>
/// <remarks>
/// <para>
/// One process has the file at a time; a second one is refused, and readers, such as <see cref="ReadDaily"/> and <c>routellm spend</c>, are not. Limits are checked in memory, so a reservation takes no time; what was spent is written by a
/// thread of its own, all that has gathered in <see cref="SqliteLedgerOptions.CommitInterval"/> in one transaction. A crash or a power cut can lose what was settled in that interval and during the commit before it, and what was in flight; nothing else, and with
/// <see cref="SqliteLedgerOptions.AwaitCommit"/> nothing that was settled. What is there is whole in any case: balances and days are written together. Amounts are exact.
/// </para>
/// <para>While the file cannot be written (a full disk) amounts gather in memory, and reservations fail with the error, which a <see cref="CostLedger"/> takes for the store being down; writing is tried again every second.</para>
/// </remarks>
public sealed class SqliteLedgerStore : ILedgerStore, IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(1);

    private readonly FileStream _claim;
    private readonly LedgerDatabase _database;
    private readonly Lock _databaseLock = new();
    private readonly LedgerBook _book = new(keepDays: 0, trackChanges: true);
    private readonly SqliteLedgerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly AutoResetEvent _changed = new(initialState: false);
    private readonly ManualResetEvent _closing = new(initialState: false);
    private readonly Thread _writer;
    private TaskCompletionSource _commit = NewCommit();
    private DateTimeOffset _nextCleaning;
    private volatile Exception? _error;
    private int _isChanged;
    private int _disposed;

    /// <summary>Initializes a new instance of the <see cref="SqliteLedgerStore"/> class.</summary>
    /// <param name="path">The file; made if there is none. Beside it SQLite keeps <c>-wal</c> and <c>-shm</c> files, and this store a <c>.lock</c> file.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The path is empty, or an option is not valid.</exception>
    /// <exception cref="IOException">Another process has the ledger open, or the folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is a SQLite file, but no ledger of this version.</exception>
    /// <exception cref="SqliteException">The file is no SQLite file, or cannot be written.</exception>
    public SqliteLedgerStore(string path, SqliteLedgerOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _options = options ?? new();
        _options.Validate();
        _timeProvider = timeProvider ?? TimeProvider.System;
        _claim = Claim(path);
        try
        {
            _database = LedgerDatabase.Open(path);

            _database.Restore(_book, _timeProvider.GetUtcNow());
        }
        catch
        {
            _database?.Dispose();
            _claim.Dispose();
            throw;
        }

        // A thread, so that what a crash can lose does not depend on how busy the thread pool is.
        _writer = new(Write) { IsBackground = true, Name = "RouteLLM ledger" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public bool SurvivesRestart => true;

    /// <summary>Reads what was used and spent from a ledger's file, which another process may have open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="from">The first day, in UTC.</param>
    /// <param name="to">The last day, in UTC.</param>
    /// <returns>The rows, by day, route and tenant.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is a SQLite file, but no ledger of this version.</exception>
    /// <exception cref="SqliteException">The file is no SQLite file.</exception>
    public static IReadOnlyList<DailySpend> ReadDaily(string path, DateOnly from, DateOnly to)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using LedgerDatabase database = LedgerDatabase.OpenRead(path);
        return database.ReadDaily(from, to);
    }

    /// <inheritdoc/>
    public ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return new(_book.Reserve(reservation));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(charge);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);

        // A charge is in the book as soon as it comes here; one that comes again waited in vain for its commit.
        IReadOnlyList<LedgerBalance> balances = charge.IsRetry ? [.. charge.Accounts.Select(_book.ReadBalance)] : _book.Settle(charge);
        if (charge.Calls == 0 && charge.Cost == 0)
        {
            return new(balances);
        }

        Task commit = Volatile.Read(ref _commit).Task;
        Signal();
        return _options.AwaitCommit ? AwaitAsync(commit, balances, cancellationToken) : new(balances);

        static async ValueTask<IReadOnlyList<LedgerBalance>> AwaitAsync(Task commit, IReadOnlyList<LedgerBalance> balances, CancellationToken cancellationToken)
        {
            await commit.WaitAsync(cancellationToken).ConfigureAwait(false);
            return balances;
        }
    }

    /// <inheritdoc/>
    public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return new(_book.ReadBalance(account));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        Commit();
        ThrowIfDown();
        lock (_databaseLock)
        {
            return new(_database.ReadDaily(from, to));
        }
    }

    /// <summary>Writes what has gathered, and closes the file.</summary>
    /// <returns>A task that completes when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _closing.Set();
        _writer.Join();
        try
        {
            Commit();
        }
        finally
        {
            _database.Dispose();
            await _claim.DisposeAsync().ConfigureAwait(false);
            _closing.Dispose();
            _changed.Dispose();
        }

        if (_error is { } error)
        {
            throw new IOException($"What was spent last could not be written to the ledger and is lost: {error.Message}", error);
        }
    }

    /// <summary>Writes what has gathered, and closes the file.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static FileStream Claim(string path)
    {
        try
        {
            return new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"The ledger '{path}' is open already, here or in another process, and a SQLite ledger has one writer. Give each process a file of its own, or share a ledger among them by RouteLLM.Net.Redis. ({error.Message})", error);
        }
    }

    private static TaskCompletionSource NewCommit() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void ThrowIfDown()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_error is { } error)
        {
            throw new IOException($"The ledger's file cannot be written: {error.Message}", error);
        }
    }

    private void Signal()
    {
        if (Interlocked.Exchange(ref _isChanged, 1) == 0)
        {
            _changed.Set();
        }
    }

    private void Write()
    {
        WaitHandle[] handles = [_closing, _changed];
        while (WaitHandle.WaitAny(handles) != 0 && (_options.AwaitCommit || !_closing.WaitOne(_options.CommitInterval)))
        {
            Commit();
            while (_error is not null)
            {
                if (_closing.WaitOne(s_retryInterval))
                {
                    return;
                }

                Commit();
            }
        }
    }

    private void Commit()
    {
        lock (_databaseLock)
        {
            // Taken before the changes: who is settled later waits for the next one.
            Volatile.Write(ref _isChanged, 0);
            TaskCompletionSource commit = Interlocked.Exchange(ref _commit, NewCommit());
            LedgerChanges changes = _book.TakeChanges();
            try
            {
                if (!changes.IsEmpty)
                {
                    _database.Write(changes);
                }

                DateTimeOffset now = _timeProvider.GetUtcNow();
                if (now >= _nextCleaning)
                {
                    _nextCleaning = now.AddHours(1);
                    _database.DeleteExpired(now);
                }

                _error = null;
                commit.SetResult();
            }
            catch (Exception error)
            {
                _book.ReturnChanges(changes);
                _error = error;

                // Those who wait go on waiting, for the commit that succeeds.
                _ = Volatile.Read(ref _commit).Task.ContinueWith(static (_, waiting) => ((TaskCompletionSource)waiting!).TrySetResult(), commit, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }
}
