namespace RouteLLM.Tests.Simulation;

/// <summary>A gate that admits everything, and checks that each admission is completed once.</summary>
internal sealed class CountingGate(Journal journal) : IRouteGate
{
    private long _admitted;
    private int _underWay;

    /// <summary>Gets the number of admissions.</summary>
    public long Admitted => Interlocked.Read(ref _admitted);

    /// <summary>Gets the number of admissions that are not completed.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _admitted);
        Interlocked.Increment(ref _underWay);
        return new(new Admission(this, attempt.Request.Prompt));
    }

    private sealed class Admission(CountingGate gate, string question) : RouteAdmission
    {
        private int _completed;

        public override ValueTask CompleteAsync(RouteAttemptResult result)
        {
            if (Interlocked.Increment(ref _completed) == 1)
            {
                Interlocked.Decrement(ref gate._underWay);
            }
            else
            {
                gate.Violate($"{question}: an admission was completed twice");
            }

            return ValueTask.CompletedTask;
        }
    }

    private void Violate(string what) => journal.Violate(what);
}
