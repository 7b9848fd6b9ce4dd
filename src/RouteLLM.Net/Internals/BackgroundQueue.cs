using System.Threading.Channels;

namespace RouteLLM.Internals;

/// <summary>Does work off the path of requests: bounded in what waits, with a fixed number of workers.</summary>
/// <typeparam name="T">What is worked on.</typeparam>
internal sealed class BackgroundQueue<T> : IAsyncDisposable
{
    private readonly Channel<T> _queue;
    private readonly Func<T, CancellationToken, Task> _work;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly Task _working;
    private readonly Lazy<Task> _disposal;
    private TaskCompletionSource? _idle;
    private int _outstanding;

    /// <param name="capacity">How much may wait.</param>
    /// <param name="workers">How many work at once.</param>
    /// <param name="work">Does the work; must not throw.</param>
    public BackgroundQueue(int capacity, int workers, Func<T, CancellationToken, Task> work)
    {
        _work = work;
        _queue = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = workers == 1 });
        _disposal = new(StopAsync);

        // What flows with the execution that happens to make the queue, such as its span, has nothing to do with the work.
        using (ExecutionContext.SuppressFlow())
        {
            _working = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)));
        }
    }

    /// <summary>Takes work on, unless the queue is full or stopped.</summary>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            _outstanding++;
        }

        if (_queue.Writer.TryWrite(item))
        {
            return true;
        }

        Done();
        return false;
    }

    /// <summary>Waits until nothing is waiting or being worked on.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _outstanding == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Cancels what is under way; what waits is given to the work all the same, with a token that is cancelled already, so that it can say that it was not done.</summary>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    private async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _working.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task WorkAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out T? item))
            {
                await _work(item, _stopping.Token).ConfigureAwait(false);
                Done();
            }
        }
    }

    private void Done()
    {
        TaskCompletionSource? idle = null;
        lock (_lock)
        {
            if (--_outstanding == 0)
            {
                (idle, _idle) = (_idle, null);
            }
        }

        idle?.SetResult();
    }
}
