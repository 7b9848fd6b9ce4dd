using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests;

/// <summary>README's C# on observing a routed client, compiled and run; see <see cref="ReadmeExamples"/>.</summary>
public class ObservabilityExamples
{
    private readonly TestChatClient bigModel = TestChatClient.Answering("big answer", "gpt-4.1");
    private readonly TestChatClient smallModel = TestChatClient.Answering("small answer", "gpt-4.1-mini");

    [Fact]
    public async Task In_production()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        var candidate = new FakeRouter(0.9);
        builder.Services.AddRoutedChatClient(sp => bigModel, sp => smallModel, options =>
        {
            options.StrongShare = 0.3;
            options.StrongProfile = new() { Price = new TokenPrice(2.5m, 10) };      // USD per million tokens, in and out
            options.WeakProfile = new() { Price = new TokenPrice(0.15m, 0.6m) };
            options.Split = new() { Name = "spring", Variants = [new() { Name = "control" }, new() { Name = "fewer", ThresholdShift = 0.1 }] };
        });
        builder.Services.AddRoutingDecisionLog("logs/decisions.jsonl");
        builder.Services.AddRoutingShadow("candidate", sp => candidate, threshold: 0.4);
        builder.Services.AddRoutingQualitySampler(sp => (record, token) => GradeAsync(record.Request.Prompt, record.Response!.Text, token));
        builder.Services.AddHealthChecks().AddRoutingDrift();

        using (IHost host = builder.Build())
        {
            var client = host.Services.GetRequiredService<IChatClient>();
            RouteOutcome outcome = (await client.GetResponseAsync("thanks, that helped!", new ChatOptions().SetRoutingUser("ada"), TestContext.Current.CancellationToken)).GetRouteOutcome()!;
            ShadowRouting shadow = host.Services.GetRequiredKeyedService<ShadowRouting>("candidate");
            await shadow.FlushAsync(TestContext.Current.CancellationToken);

            Assert.StartsWith("spring: ", Assert.Single(outcome.Steps).Detail, StringComparison.Ordinal);
            Assert.Equal(1, shadow.Measure().MovedUp);
            Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
        }

        Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles("logs", "decisions-*.jsonl"))));
        Directory.Delete("logs", recursive: true);
    }

    private static ValueTask<double> GradeAsync(string prompt, string answer, CancellationToken cancellationToken) => new(prompt.Length > 0 && answer.Length > 0 ? 0.5 : 0);
}
