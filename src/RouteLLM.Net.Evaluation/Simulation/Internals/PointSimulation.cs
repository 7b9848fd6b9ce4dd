namespace RouteLLM.Evaluation;

/// <summary>Adds up what becomes of requests under one rule, in memory that does not grow with them.</summary>
internal sealed class PointSimulation(double? threshold, double? wantedShare, int examples)
{
    private readonly PriorityQueue<MovedRequest, double> _toStrong = new();
    private readonly PriorityQueue<MovedRequest, double> _toWeak = new();
    private long _count;
    private long _strong;
    private long _movedToStrong;
    private long _movedToWeak;
    private RunningMean _cost;
    private RunningMean _latency;
    private RunningMean _quality;

    public double Threshold => threshold ?? double.NaN;

    public void Add(in SimulatedRequest request, bool goesStrong)
    {
        _count++;
        _strong += goesStrong ? 1 : 0;
        AnswerFigures figures = goesStrong ? request.Strong : request.Weak;
        _cost.Add(figures.Cost, figures.IsCostMeasured, goesStrong);
        _latency.Add(figures.Latency, isMeasured: true, goesStrong);
        _quality.Add(figures.Quality, isMeasured: true, goesStrong);
        if (request.WasStrong is { } wasStrong && wasStrong != goesStrong)
        {
            _movedToStrong += goesStrong ? 1 : 0;
            _movedToWeak += goesStrong ? 0 : 1;
            Keep(request, goesStrong);
        }
    }

    /// <param name="means">The means of the requests that took each route, to estimate the others by.</param>
    public SimulatedPoint? Finish(RouteMeans means) => _count == 0 ? null : new SimulatedPoint
    {
        Threshold = threshold,
        WantedStrongShare = wantedShare,
        StrongShare = (double)_strong / _count,
        MovedToStrong = _movedToStrong,
        MovedToWeak = _movedToWeak,
        Cost = _cost.Finish(means.StrongCost.Mean, means.WeakCost.Mean),
        Latency = _latency.Finish(means.StrongLatency.Mean, means.WeakLatency.Mean),

        // What a model earned on the requests that it was given says little of those that it was not.
        Quality = _quality.Finish(double.NaN, double.NaN),
        Examples = [.. Ordered(_toStrong), .. Ordered(_toWeak)],
    };

    private static IEnumerable<MovedRequest> Ordered(PriorityQueue<MovedRequest, double> queue) =>
        queue.UnorderedItems.OrderByDescending(static item => item.Priority).ThenBy(static item => item.Element.Origin?.Line).Select(static item => item.Element);

    private void Keep(in SimulatedRequest request, bool goesStrong)
    {
        PriorityQueue<MovedRequest, double> queue = goesStrong ? _toStrong : _toWeak;
        double distance = Math.Abs(request.WinProbability - Threshold);
        if (examples == 0 || double.IsNaN(distance))
        {
            return;
        }

        // The queue hands out the least of those kept.
        if (queue.Count < examples)
        {
            queue.Enqueue(new MovedRequest(request.Prompt, request.WinProbability, goesStrong, request.Origin), distance);
        }
        else if (queue.TryPeek(out _, out double least) && distance > least)
        {
            queue.EnqueueDequeue(new MovedRequest(request.Prompt, request.WinProbability, goesStrong, request.Origin), distance);
        }
    }
}
