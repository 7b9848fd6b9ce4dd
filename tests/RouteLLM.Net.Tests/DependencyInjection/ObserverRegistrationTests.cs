using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.DependencyInjection;

public sealed class ObserverRegistrationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-observers-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hosts_clients_report_to_all_that_is_registered_and_the_log_is_complete_when_the_container_is_gone(bool asynchronously)
    {
        var own = new RecordingObserver();
        ServiceProvider services = Services()
            .AddSingleton<IRoutingObserver>(own)
            .AddRoutingDecisionLog(Path.Combine(_folder.FullName, "log.jsonl"), options => options.Capacity = 500)
            .AddRoutingDriftMonitor()
            .AddRoutingShadow("candidate", _ => new FakeRouter(0.9), 0.5)
            .AddRoutingShadow("policy", _ => new ThresholdPolicy(RecordFactory.Strong, RecordFactory.Weak, new FakeRouter(0.1), new() { Threshold = 0.5 }))
            .AddRoutingQualitySampler(provider => (_, _) => new(provider.GetRequiredService<IChatClient>() is null ? 0 : 0.5), options => options.SampleShare = 1)
            .BuildServiceProvider();
        var client = services.GetRequiredService<IChatClient>();
        for (int i = 0; i < 100; i++)
        {
            await client.GetResponseAsync("hello there", cancellationToken: Cancel);
        }

        Assert.Equal(100, own.Records.Count);
        ShadowRouting candidate = services.GetRequiredKeyedService<ShadowRouting>("candidate"), policy = services.GetRequiredKeyedService<ShadowRouting>("policy");
        await candidate.FlushAsync(Cancel);
        await policy.FlushAsync(Cancel);
        Assert.Equal((100, 100), (candidate.Measure().MovedUp, policy.Measure().Compared));
        Assert.Equal(100, Assert.Single(services.GetRequiredService<WinProbabilityDriftMonitor>().Measure()).Count);
        await services.GetRequiredService<LiveQualitySampler>().FlushAsync(Cancel);
        Assert.Equal(0.5, Assert.Single(services.GetRequiredService<LiveQualitySampler>().Measure()).Mean);
        if (asynchronously)
        {
            await services.DisposeAsync();
        }
        else
        {
            services.Dispose();
        }

        Assert.Equal(100, File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder.FullName))).Length);
    }

    [Fact]
    public async Task Of_two_registrations_of_a_log_the_last_one_counts_and_nothing_is_logged_twice()
    {
        await using (ServiceProvider services = Services()
            .AddRoutingDecisionLog(Path.Combine(_folder.FullName, "first.jsonl"))
            .AddRoutingDecisionLog(Path.Combine(_folder.FullName, "second.jsonl"))
            .BuildServiceProvider())
        {
            await services.GetRequiredService<IChatClient>().GetResponseAsync("hello", cancellationToken: Cancel);
        }

        string file = Assert.Single(Directory.GetFiles(_folder.FullName));
        Assert.StartsWith("second-", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.Single(File.ReadAllLines(file));
    }

    [Fact]
    public async Task A_wrong_split_is_refused_when_the_host_starts()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddRoutedChatClient(static _ => TestChatClient.Answering("s"), static _ => TestChatClient.Answering("w"), static options =>
        {
            options.Threshold = 0.5;
            options.Split = new() { Name = "spring", Variants = [new() { Name = "a", Router = "unheard-of" }] };
        });
        using IHost host = builder.Build();

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.Contains("Variant 'a' of split 'spring' asks for the router 'unheard-of'", error.Message, StringComparison.Ordinal);
    }

    private static ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddRoutedChatClient(static _ => TestChatClient.Answering("s"), static _ => TestChatClient.Answering("w"), static options => options.Threshold = 0.99);
        return services;
    }
}
