namespace RouteLLM;

/// <summary>A gate's answer to an attempt: an admission, or a refusal.</summary>
public abstract class RouteAdmission
{
    /// <summary>Gets an admission that wants to know nothing of what comes of it.</summary>
    public static RouteAdmission Granted { get; } = new GrantedAdmission();

    /// <summary>Gets why the attempt is refused, or <see langword="null"/> if it is admitted.</summary>
    public virtual RouteSkip? Refusal => null;

    /// <summary>Refuses an attempt: the request goes to its next route.</summary>
    /// <param name="refusal">The route and why.</param>
    /// <returns>The refusal.</returns>
    public static RouteAdmission Refuse(RouteSkip refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return new RefusedAdmission(refusal);
    }

    /// <summary>Tells what came of the attempt. Called exactly once for an admission, never for a refusal, and not to throw.</summary>
    /// <param name="result">What came of it.</param>
    /// <returns>A task that completes when it is noted.</returns>
    public abstract ValueTask CompleteAsync(RouteAttemptResult result);

    private sealed class GrantedAdmission : RouteAdmission
    {
        public override ValueTask CompleteAsync(RouteAttemptResult result) => ValueTask.CompletedTask;
    }

    private sealed class RefusedAdmission(RouteSkip refusal) : RouteAdmission
    {
        public override RouteSkip? Refusal => refusal;

        public override ValueTask CompleteAsync(RouteAttemptResult result) => ValueTask.CompletedTask;
    }
}
