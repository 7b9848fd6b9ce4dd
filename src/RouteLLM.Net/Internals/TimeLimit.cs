namespace RouteLLM.Internals;

/// <summary>Bounds the time of work that may not listen to being cancelled: what is late is told to stop, and abandoned.</summary>
internal static class TimeLimit
{
    /// <summary>Does work with a token that is cancelled when its time is up or <paramref name="stopping"/> is; work that goes on all the same is abandoned.</summary>
    /// <exception cref="OperationCanceledException">Its time is up, or it was to stop.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> work, TimeSpan limit, TimeProvider timeProvider, CancellationToken stopping)
    {
        using var expiry = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, stopping);
        Task<T> task = work(either.Token).AsTask();
        try
        {
            return await task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        finally
        {
            if (!task.IsCompleted)
            {
                Observe(task);
            }
        }
    }

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

    /// <summary>Looks at a task that nobody awaits, so that no exception of it is reported as unobserved.</summary>
    public static void Observe(Task task) =>
        _ = task.ContinueWith(static abandoned => abandoned.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
