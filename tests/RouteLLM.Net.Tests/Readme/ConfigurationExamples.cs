using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests;

/// <summary>README's configuration of everything, loaded as it stands there; see <see cref="ReadmeExamples"/>.</summary>
public class ConfigurationExamples
{
    private readonly TestChatClient bigModelInSweden = TestChatClient.Answering("answer from Sweden");
    private readonly TestChatClient bigModelInFrance = TestChatClient.Answering("answer from France");
    private readonly TestChatClient smallModel = TestChatClient.Answering("small answer");
    private readonly TestChatClient localModel = TestChatClient.Answering("local answer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_of_it_in_one_configuration()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(ReadConfiguration())));

        builder.Services.AddKeyedChatClient("sweden", bigModelInSweden);
        builder.Services.AddKeyedChatClient("big-france", bigModelInFrance);
        builder.Services.AddKeyedChatClient("mini", smallModel);
        builder.Services.AddKeyedChatClient("local", localModel);
        builder.Services.AddCostLedger();                                                     // or AddSqliteCostLedger, AddRedisCostLedger
        builder.Services.AddMultiModelChatClient(builder.Configuration.GetSection("Routing"));
        builder.Services.AddRoutingDecisionLog(builder.Configuration.GetSection("DecisionLog"));
        builder.Services.AddRoutingShadow("candidate", builder.Configuration.GetSection("Shadow"));

        using (IHost host = builder.Build())
        {
            await host.StartAsync(Cancel);
            MultiModelRoutingOptions options = host.Services.GetRequiredService<IOptions<MultiModelRoutingOptions>>().Value;
            Assert.Equal(["big", "mini", "local"], options.Routes.Select(route => route.Name));
            Assert.Equal(["sweden", "france"], options.Routes[0].Deployments.Select(deployment => deployment.Name));
            Assert.Equal(["everything", "team", "big in an hour"], options.Spending!.Budgets.Select(budget => budget.Name));
            Assert.Equal((5, LoadBalancing.LeastBusy, 5, 0), (options.Resilience!.MaxAttempts, options.Resilience.Balancing, options.Resilience.Cooldown!.Failures, options.Resilience.Routes["mini"].MaxRetries));
            Assert.Equal((ConversationAffinity.MoveUp, 500, "spring"), (options.Conversations!.Affinity, options.AdaptiveThreshold!.MonthlyBudget, options.Split!.Name));

            IChatClient client = host.Services.GetRequiredService<IChatClient>();
            Assert.Equal("mini", (await OutcomeAsync(client, "thanks!")).Route);
            Assert.Equal("local", (await OutcomeAsync(client, "Write to jane@example.org")).Route);
            bigModelInSweden.OnResponse = (_, _, _) => throw new HttpRequestException("busy", null, System.Net.HttpStatusCode.TooManyRequests);
            RouteOutcome legal = await OutcomeAsync(client, "Is a lawsuit likely?");
            Assert.Equal(("big", "france", "gpt-4.1-fr", RouteReasons.Rule), (legal.Route, legal.Deployment, legal.ModelId, legal.Reason));
            Assert.Equal(3, host.Services.GetRequiredService<CostLedger>().BudgetStatuses.Count);
            Assert.NotNull(host.Services.GetRequiredKeyedService<ShadowRouting>("candidate"));
        }

        Assert.Equal(3, File.ReadAllLines(Assert.Single(Directory.GetFiles("decisions"))).Length);
        Directory.Delete("decisions", recursive: true);
    }

    private static string ReadConfiguration()
    {
        using var reader = new StreamReader(typeof(ConfigurationExamples).Assembly.GetManifestResourceStream("README.md")!);
        return Regex.Matches(reader.ReadToEnd(), "```json\r?\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value).Single(block => block.Contains("\"DecisionLog\"", StringComparison.Ordinal));
    }

    private static async Task<RouteOutcome> OutcomeAsync(IChatClient client, string prompt) => (await client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!;
}
