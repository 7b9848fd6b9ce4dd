using System.Runtime.ExceptionServices;

namespace RouteLLM;

/// <summary>One call of a mixture whose parts do not all complete at once: waits for them, and knows what failed.</summary>
/// <param name="timeLimit">How long a part may take.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="leaveOut">What is told of a part that is left out, or <see langword="null"/> if a part's failure is the mixture's.</param>
/// <param name="stop">Stops the parts; their tokens are its own.</param>
/// <param name="callerToken">The token of whoever asked the mixture.</param>
internal sealed class MixtureCall(TimeSpan timeLimit, TimeProvider timeProvider, Action<MixturePart, Exception>? leaveOut, CancellationTokenSource stop, CancellationToken callerToken)
{
    private Exception? _firstFailure;

    public CancellationToken StopToken => stop.Token;

    /// <summary>Gets the failure that came first, or <see langword="null"/>.</summary>
    public Exception? FirstFailure => Volatile.Read(ref _firstFailure);

    /// <summary>Waits for all parts' scores.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="scores">Starts the scoring of each part, as it is enumerated.</param>
    /// <returns>The scores of each part, <see langword="null"/> for one that failed and may be left out.</returns>
    public async Task<IReadOnlyList<double>?[]> WaitForAllAsync(IReadOnlyList<MixturePart> parts, IEnumerable<Task<IReadOnlyList<double>>> scores)
    {
        using CancellationTokenRegistration registration = callerToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stop);
        Task<IReadOnlyList<double>>[] running = [.. scores];
        try
        {
            IReadOnlyList<double>?[] results = await Task.WhenAll(running.Select((task, i) => WaitAsync(parts[i], task))).ConfigureAwait(false);
            ThrowIfFailed();
            return results;
        }
        finally
        {
            // Whatever still runs was given up.
            if (Array.Exists(running, static task => !task.IsCompleted))
            {
                await stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Tells whether a number is a probability; if not, the part failed.</summary>
    public bool Accept(MixturePart part, double score)
    {
        if (score is >= 0 and <= 1)
        {
            return true;
        }

        Fail(part, new InvalidOperationException($"Router '{part.Name}' gave {score}, which is no probability in [0, 1]."));
        return false;
    }

    /// <summary>Throws if the caller cancelled, or if a part failed that may not be left out.</summary>
    public void ThrowIfFailed()
    {
        callerToken.ThrowIfCancellationRequested();
        if (leaveOut is null && FirstFailure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task<IReadOnlyList<double>?> WaitAsync(MixturePart part, Task<IReadOnlyList<double>> scores)
    {
        try
        {
            return await scores.WaitAsync(timeLimit, timeProvider, stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            bool abandoned = !scores.IsCompleted;
            if (abandoned)
            {
                // Its end is observed, so that no exception goes unnoticed as unobserved.
                _ = scores.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            if (!callerToken.IsCancellationRequested)
            {
                Fail(part, abandoned && error is TimeoutException ? new TimeoutException($"Router '{part.Name}' gave no score within {timeLimit}.", error) : error);
            }

            return null;
        }
    }

    private void Fail(MixturePart part, Exception error)
    {
        bool isFirst = Interlocked.CompareExchange(ref _firstFailure, error, null) is null;
        if (leaveOut is not null)
        {
            leaveOut(part, error);
        }
        else if (isFirst)
        {
            stop.Cancel();
        }
    }
}
