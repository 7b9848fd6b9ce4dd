namespace RouteLLM.Tests.Simulation;

/// <summary>Waits that end on the thread that ends them, also by cancellation, where those of <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> go on elsewhere.</summary>
internal static class InlineDelay
{
    public static async Task WaitInlineAsync(this TimeProvider clock, TimeSpan delay, CancellationToken cancellationToken = default)
    {
        if (delay == TimeSpan.Zero)
        {
            return;
        }

        var done = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister((_, token) => done.TrySetCanceled(token), null);
        await using ITimer timer = clock.CreateTimer(_ => done.TrySetResult(), null, delay, Timeout.InfiniteTimeSpan);
        await done.Task;
    }
}
