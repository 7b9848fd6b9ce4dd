using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;
using RouteLLM.Tests.Diagnostics;

namespace RouteLLM.Tests.Clusters;

public class ClusterDriftMonitorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traffic_like_the_training_is_no_drift_and_other_traffic_is()
    {
        var monitor = new ClusterDriftMonitor(Router(), window: 500);
        Assert.Equal(0, monitor.Measure().Count);
        Assert.False(monitor.Measure().IsSignificant);

        // In training, the clusters have 50, 30 and 20 of 100 prompts.
        await SendAsync(monitor, x: 250, y: 150, z: 100);
        ClusterDrift same = monitor.Measure();
        Assert.Equal([250, 150, 100], same.Counts);
        Assert.Equal(0, same.Index, 10);
        Assert.False(same.IsSignificant);

        // The window forgets: 250 of the last 500 are now of the third cluster.
        await SendAsync(monitor, x: 0, y: 0, z: 250);
        ClusterDrift other = monitor.Measure();
        Assert.Equal(500, other.Count);
        Assert.Equal([0, 150, 350], other.Counts);
        Assert.True(other.IsSignificant);
        Assert.InRange(other.Index, 0.25, 10);

        await SendAsync(monitor, x: 250, y: 150, z: 100);
        Assert.Equal(0, monitor.Measure().Index, 10);
    }

    [Fact]
    public async Task Chance_alone_is_hardly_ever_significant()
    {
        var random = new Random(5);
        int significant = 0;
        for (int i = 0; i < 200; i++)
        {
            // 100 prompts of training and 100 of traffic, both drawn from the same mix.
            int[] training = Draw(random), traffic = Draw(random);
            var model = new ClusteredModel(TestClusters.Models, TestClusters.Centroids, training, TestClusters.Classifiers, TestClusters.Weights, TestClusters.Biases);
            var monitor = new ClusterDriftMonitor(model.ForPair("a", "b", TestClusters.Embedder()), window: 100);
            await SendAsync(monitor, traffic[0], traffic[1], traffic[2]);
            significant += monitor.Measure().IsSignificant ? 1 : 0;
        }

        Assert.InRange(significant, 1, 24);

        static int[] Draw(Random random)
        {
            var counts = new int[3];
            for (int i = 0; i < 100; i++)
            {
                counts[random.NextDouble() switch { < 0.5 => 0, < 0.8 => 1, _ => 2 }]++;
            }

            return counts;
        }
    }

    [Fact]
    public async Task Requests_from_many_threads_are_all_counted()
    {
        var monitor = new ClusterDriftMonitor(Router(), window: 999);
        await Parallel.ForEachAsync(Enumerable.Range(0, 3000), Cancellation, async (i, cancellationToken) =>
        {
            await monitor.PredictWinProbabilityAsync(new RouteRequest("xyz".Substring(i % 3, 1)), cancellationToken);
            ClusterDrift drift = monitor.Measure();
            Assert.InRange(drift.Count, 1, 999);
            Assert.All(drift.Counts, count => Assert.InRange(count, 0, 999));
        });
        Assert.Equal(999, monitor.Measure().Count);
    }

    [Fact]
    public async Task Batches_and_awaited_embeddings_are_counted_and_predictions_are_unchanged()
    {
        ClusteredRouter router = Router();
        var monitor = new ClusterDriftMonitor(router);
        RouteRequest[] requests = [.. "zyxxz".Select(static letter => new RouteRequest($"{letter}"))];
        IReadOnlyList<double> batch = await monitor.PredictWinProbabilitiesAsync(requests, Cancellation);
        Assert.Equal(await router.PredictWinProbabilitiesAsync(requests, Cancellation), batch);

        var slow = new ClusterDriftMonitor(new AwaitingRouter(router));
        Assert.Equal(batch[0], await slow.PredictWinProbabilityAsync(requests[0], Cancellation));
        Assert.Equal([0, 0, 1], slow.Measure().Counts);
        Assert.Equal([2, 1, 2], monitor.Measure().Counts);
        Assert.Same(monitor, monitor.GetService<ClusterDriftMonitor>());
        Assert.Same(router, monitor.GetService<IClusteredRouter>());
    }

    [Fact]
    public async Task A_prediction_that_fails_is_not_counted()
    {
        var embedder = new Embeddings.TestEmbeddingGenerator(static _ => [float.NaN, 0, 0]);
        var monitor = new ClusterDriftMonitor(TestClusters.Create().ForDefaultPair(embedder.WithModelId("axes", 3)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await monitor.PredictWinProbabilityAsync("x", Cancellation));
        Assert.Equal(0, monitor.Measure().Count);
    }

    [Fact]
    public void A_router_without_clusters_and_an_empty_window_are_refused()
    {
        Assert.Contains("no clusters", Assert.Throws<ArgumentException>(() => new ClusterDriftMonitor(new FakeRouter(0.5))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClusterDriftMonitor(Router(), 0));
    }

    [Fact]
    public async Task The_gauge_gives_the_index_of_each_monitor_once_it_has_seen_a_request()
    {
        using var recorder = new MetricRecorder();
        var monitor = new ClusterDriftMonitor(Router(), meterFactory: recorder.MeterFactory);
        Assert.Empty(recorder.Observe(RoutingTelemetryNames.ClusterDrift));
        await SendAsync(monitor, x: 1, y: 0, z: 9);
        Assert.Equal([monitor.Measure().Index], recorder.Observe(RoutingTelemetryNames.ClusterDrift));
        Assert.Equal("test", recorder.Of(RoutingTelemetryNames.ClusterDrift)[^1].Tags[RoutingTelemetryNames.Router]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_cluster_is_on_the_outcome_also_when_replayed_and_on_the_span(bool streaming)
    {
        using var recorder = new SpanRecorder();
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new ClusterDriftMonitor(Router()), new() { Threshold = 0.5 });
        ChatResponse response = streaming ? await client.GetStreamingResponseAsync("y", null, Cancellation).ToChatResponseAsync(Cancellation) : await client.GetResponseAsync("y", null, Cancellation);
        Assert.Equal(1, response.GetRouteOutcome()!.Cluster);
        Assert.Equal(1, Assert.Single(recorder.Spans).GetTagItem(RoutingTelemetryNames.Cluster));

        string json = System.Text.Json.JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        RouteOutcome replayed = System.Text.Json.JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!.GetRouteOutcome()!;
        Assert.True(replayed.IsReplay);
        Assert.Equal(1, replayed.Cluster);
    }

    [Fact]
    public async Task A_router_without_clusters_leaves_none()
    {
        using var recorder = new SpanRecorder();
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0.9), new() { Threshold = 0.5 });
        ChatResponse response = await client.GetResponseAsync("y", null, Cancellation);
        Assert.Null(response.GetRouteOutcome()!.Cluster);
        Assert.Null(Assert.Single(recorder.Spans).GetTagItem(RoutingTelemetryNames.Cluster));
    }

    private static ClusteredRouter Router() => TestClusters.Create().ForDefaultPair(TestClusters.Embedder());

    private static async Task SendAsync(ClusterDriftMonitor monitor, int x, int y, int z)
    {
        foreach (string prompt in Enumerable.Repeat("x", x).Concat(Enumerable.Repeat("y", y)).Concat(Enumerable.Repeat("z", z)))
        {
            await monitor.PredictWinProbabilityAsync(prompt, Cancellation);
        }
    }

    private sealed class AwaitingRouter(IRouter inner) : DelegatingRouter(inner)
    {
        public override async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.PredictWinProbabilityAsync(request, cancellationToken);
        }
    }
}
