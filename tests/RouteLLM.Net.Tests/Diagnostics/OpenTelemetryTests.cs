using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>What arrives at OpenTelemetry's SDK, set up as the documentation says.</summary>
/// <remarks>Not run beside other tests: the SDK listens to every meter of the name.</remarks>
[Collection(nameof(OpenTelemetryTests))]
public class OpenTelemetryTests
{
    [Fact]
    public async Task Metrics_and_spans_are_exported()
    {
        var metrics = new List<Metric>();
        var spans = new List<Activity>();
        using var meterFactory = new TaggedMeterFactory();
        using MeterProvider meterProvider = Sdk.CreateMeterProviderBuilder().AddMeter(RoutingTelemetryNames.Source).AddInMemoryExporter(metrics).Build();
        using TracerProvider tracerProvider = Sdk.CreateTracerProviderBuilder().AddSource(RoutingTelemetryNames.Source).AddInMemoryExporter(spans).Build();
        using (Activity root = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start())
        {
            using var client = new RoutedChatClient(
                TestChatClient.Failing(new HttpRequestException("down")), TestChatClient.Answering("from weak"), FakeRouter.ReadingPrompts(),
                new TwoModelRoutingOptions { Threshold = 0.5 }, meterFactory: meterFactory);
            foreach (string prompt in new[] { "0.6", "0.25", "0.25", "not a number" })
            {
                await client.GetResponseAsync(prompt, cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        Assert.True(meterProvider.ForceFlush());
        Assert.True(tracerProvider.ForceFlush());

        Dictionary<string, List<MetricPoint>> own = metrics.Where(metric => metric.MeterTags?.Contains(meterFactory.Tag) == true).ToDictionary(metric => metric.Name, PointsOf);
        Assert.Equal(
            [
                "routellm.decision.duration", "routellm.decisions", "routellm.failovers", "routellm.request.duration", "routellm.requests", "routellm.router_failures", "routellm.strong_share", "routellm.time_to_first_update", "routellm.tokens",
                "routellm.win_probability",
            ],
            own.Keys.Order());
        Assert.Equal(4, own["routellm.decisions"].Sum(point => point.GetSumLong()));
        Assert.Equal(3, own["routellm.decisions"].Count);
        Assert.Equal(2, own["routellm.failovers"].Sum(point => point.GetSumLong()));
        Assert.Equal(1, own["routellm.router_failures"].Sum(point => point.GetSumLong()));
        MetricPoint probabilities = Assert.Single(own["routellm.win_probability"]);
        Assert.Equal((3, 1.1), (probabilities.GetHistogramCount(), Math.Round(probabilities.GetHistogramSum(), 9)));
        Assert.Equal(4, own["routellm.decision.duration"].Sum(point => point.GetHistogramCount()));
        Assert.Equal(1.0 / 3, Assert.Single(own["routellm.strong_share"]).GetGaugeLastValueDouble());

        Assert.Equal(4, spans.Count);
        Assert.All(spans, span => Assert.Equal("weak", span.GetTagItem(RoutingTelemetryNames.Route)));
        Assert.Equal(2, spans.Count(span => span.Events.Any(e => e.Name == RoutingTelemetryNames.FailoverEvent)));
    }

    private static List<MetricPoint> PointsOf(Metric metric)
    {
        var points = new List<MetricPoint>();
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            points.Add(point);
        }

        return points;
    }

    /// <summary>Makes a meter that can be told from others of the name.</summary>
    private sealed class TaggedMeterFactory : IMeterFactory
    {
        private Meter? _meter;

        public KeyValuePair<string, object?> Tag { get; } = new("test", nameof(OpenTelemetryTests));

        public Meter Create(MeterOptions options) => _meter ??= new Meter(new MeterOptions(options.Name) { Tags = [Tag] });

        public void Dispose() => _meter?.Dispose();
    }
}

[CollectionDefinition(nameof(OpenTelemetryTests), DisableParallelization = true)]
public class OpenTelemetryTestsCollection;
