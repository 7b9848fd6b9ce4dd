using System.Collections.Concurrent;
using System.Diagnostics;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>Records the routing spans below an activity of its own, so that those of tests running beside are neither made nor seen.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ActivityListener _listener;

    public SpanRecorder()
    {
        Root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RoutingTelemetryNames.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == Root.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == Root.TraceId)
                {
                    _stopped.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Gets the activity that is current in the test.</summary>
    public Activity Root { get; }

    public IReadOnlyList<Activity> Spans => [.. _stopped];

    public Activity Span => Assert.Single(_stopped);

    public void Dispose()
    {
        _listener.Dispose();
        Root.Dispose();
    }
}
