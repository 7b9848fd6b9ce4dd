using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Simulation;

/// <summary>A clock that stands still until it is told to go to the next moment at which something is due. All that is due then happens on the thread that tells it.</summary>
internal sealed class SimulatedTime() : FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    // A real minute: what a cancelled request waits for cannot be this clock.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    private readonly PriorityQueue<(Timer Timer, int Version), long> _due = new();
    private readonly HashSet<long> _taken = [];
    private readonly BlockingCollection<Action> _returns = [];
    private int _thread;
    private int _expected;
    private volatile string? _elsewhere;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (_thread != 0 && _thread != Environment.CurrentManagedThreadId)
        {
            _elsewhere ??= Environment.StackTrace;
        }

        var timer = new Timer(this);
        dueTime = timer.Enqueue(dueTime);
        timer.Inner = base.CreateTimer(callback, state, dueTime, period);
        return timer;
    }

    /// <summary>Has the clock stand still until someone has come back with <see cref="ReturnAsync"/>: whose request was cancelled, and may end on another thread, since .NET goes on there after a cancelled delay.</summary>
    public void ExpectReturn() => _expected++;

    /// <summary>Comes back to the thread of this clock.</summary>
    /// <returns>What is to be awaited at once.</returns>
    public Return ReturnAsync() => new(this);

    /// <summary>Goes to the next moment at which a timer is due.</summary>
    /// <returns><see langword="false"/> if none is: whatever still waits, waits forever.</returns>
    public bool GoOn()
    {
        while (_expected > 0)
        {
            if (!_returns.TryTake(out Action? resume, s_longest))
            {
                throw new InvalidOperationException("A request that was cancelled does not end.");
            }

            resume();
        }

        while (_due.TryDequeue(out (Timer Timer, int Version) next, out long ticks))
        {
            _taken.Remove(ticks);
            if (next.Timer.Version == next.Version && ticks > GetUtcNow().UtcTicks)
            {
                SetUtcNow(new(ticks, TimeSpan.Zero));
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs something to its end on a thread of its own, where every continuation happens in the order in which it is due, so that two runs are the same.</summary>
    /// <param name="start">Starts it. What it returns must wait for nothing but this clock.</param>
    /// <typeparam name="T">The type of its result.</typeparam>
    /// <returns>Its result.</returns>
    /// <exception cref="InvalidOperationException">It waits for something that never comes, or on another thread.</exception>
    public Task<T> RunAsync<T>(Func<Task<T>> start)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                _thread = Environment.CurrentManagedThreadId;
                Task<T> running = start();
                while (!running.IsCompleted && GoOn())
                {
                }

                // What was given up and minds no token ends in its own time.
                while (GoOn())
                {
                }

                if (_elsewhere is { } trace)
                {
                    throw new InvalidOperationException($"Something waits on another thread, so that no two runs are the same: {trace}");
                }

                done.SetResult(running.IsCompleted ? running.GetAwaiter().GetResult() : throw new InvalidOperationException("The simulation waits for something that never comes."));
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        }, maxStackSize: 16 << 20).Start();
        return done.Task;
    }

    /// <summary>An await that goes on on the thread of the clock. A task would not do: one that is completed before it is awaited goes on where it is.</summary>
    public readonly struct Return(SimulatedTime time) : INotifyCompletion
    {
        public bool IsCompleted => Environment.CurrentManagedThreadId == time._thread;

        public Return GetAwaiter() => this;

        public void OnCompleted(Action continuation) => time._returns.Add(continuation);

        public void GetResult() => time._expected--;
    }

    private sealed class Timer(SimulatedTime time) : ITimer
    {
        public ITimer? Inner { get; set; }

        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Inner!.Change(Enqueue(dueTime), period);

        public void Dispose()
        {
            Version++;
            Inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Notes when this timer is due, no two at the same moment: their order would be left to chance.</summary>
        public TimeSpan Enqueue(TimeSpan dueTime)
        {
            Version++;
            if (dueTime <= TimeSpan.Zero)
            {
                return dueTime;
            }

            long now = time.GetUtcNow().UtcTicks, due = now + dueTime.Ticks;
            while (!time._taken.Add(due))
            {
                due++;
            }

            time._due.Enqueue((this, Version), due);
            return TimeSpan.FromTicks(due - now);
        }
    }
}
