namespace RouteLLM.Internals;

/// <summary>Waits for something asynchronous no longer than a time limit, and tells what is late from what failed.</summary>
internal static class TimedPrediction
{
    /// <summary>Asks, and gives the answer; or the error, and whether it is that the time was up.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async ValueTask<(T? Value, Exception? Error, bool TimedOut)> AskAsync<T>(
        Func<CancellationToken, ValueTask<T>> ask, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        // Not linked to the caller's token: what is abandoned is told so below, and what completes at once needs nothing.
        var abandon = new CancellationTokenSource();
        Task<T>? task = null;
        try
        {
            ValueTask<T> answer = ask(abandon.Token);
            if (answer.IsCompletedSuccessfully)
            {
                return (answer.Result, null, false);
            }

            task = answer.AsTask();
            return (await task.WaitAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(false), null, false);
        }
        catch (Exception error)
        {
            bool abandoned = task is { IsCompleted: false };
            if (abandoned)
            {
                // Told to stop, but not waited for; and no exception of it is to be reported as unobserved.
                Observe(task!);
                Observe(abandon.CancelAsync());
            }

            cancellationToken.ThrowIfCancellationRequested();
            return (default, error, error is TimeoutException && task is not { IsFaulted: true } && task is not null);
        }
    }

    private static void Observe(Task task) =>
        _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
