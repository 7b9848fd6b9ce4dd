namespace RouteLLM.Internals;

/// <summary>Bounds the time of work that may not listen to being cancelled.</summary>
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
                // So that no exception of a task that nobody awaits is reported as unobserved.
                _ = task.ContinueWith(static abandoned => abandoned.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }
}
