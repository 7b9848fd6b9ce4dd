using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.Resilience;

public class ResilienceConfigurationTests
{
    [Fact]
    public void All_settings_are_read_from_a_configuration()
    {
        ResilienceOptions options = Read(
            ("MaxAttempts", "7"), ("TotalTimeout", "00:02:00"), ("AttemptTimeout", "00:00:30"), ("FirstUpdateTimeout", "00:00:10"), ("HedgeDelay", "00:00:04"), ("MaxRetries", "1"),
            ("RetryDelay", "00:00:01"), ("MaxRetryDelay", "00:00:03"), ("Balancing", "LowestLatency"), ("Cooldown:Failures", "5"), ("Cooldown:Period", "00:00:20"), ("Cooldown:MaxPeriod", "00:01:00"),
            ("Cooldown:Probes", "2"), ("CircuitBreaker:FailureRatio", "0.3"), ("CircuitBreaker:MinimumThroughput", "20"), ("CircuitBreaker:SamplingDuration", "00:01:00"), ("CircuitBreaker:BreakDuration", "00:00:05"),
            ("Routes:0:Name", "weak"), ("Routes:0:MaxRetries", "0"), ("Routes:0:Cooldown:Enabled", "false")).Resilience!;

        Assert.Equal(
            (7, TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(4)),
            (options.MaxAttempts, options.TotalTimeout, options.AttemptTimeout, options.FirstUpdateTimeout, options.HedgeDelay));
        Assert.Equal((1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), LoadBalancing.LowestLatency), (options.MaxRetries, options.RetryDelay, options.MaxRetryDelay, options.Balancing));
        Assert.Equal((5, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1), 2), (options.Cooldown!.Failures, options.Cooldown.Period, options.Cooldown.MaxPeriod, options.Cooldown.Probes));
        Assert.Equal(
            (0.3, 20, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5)),
            (options.CircuitBreaker!.FailureRatio, options.CircuitBreaker.MinimumThroughput, options.CircuitBreaker.SamplingDuration, options.CircuitBreaker.BreakDuration));
        Assert.Equal((0, null), (options.Routes["weak"].MaxRetries, options.Routes["weak"].Cooldown));
    }

    [Fact]
    public void Without_a_section_there_is_no_resilience() => Assert.Null(Read().Resilience);

    [Fact]
    public void What_is_wrong_fails_with_its_name()
    {
        Assert.Contains("Resilience.MaxAttempts is 0", Assert.Throws<OptionsValidationException>(() => Read(("MaxAttempts", "0"))).Message, StringComparison.Ordinal);
        Assert.Contains("Resilience:MaxRetrys", Assert.ThrowsAny<Exception>(() => Read(("MaxRetrys", "1"))).Message, StringComparison.Ordinal);
        Assert.Contains("Resilience:Routes:0:Name", Assert.ThrowsAny<Exception>(() => Read(("Routes:0:MaxRetries", "1"))).Message, StringComparison.Ordinal);
    }

    private static TwoModelRoutingOptions Read(params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Threshold", "0.5"), .. settings.Select(setting => KeyValuePair.Create<string, string?>($"Resilience:{setting.Key}", setting.Value))])
            .Build();
        var services = new ServiceCollection();
        services.AddRoutedChatClient(_ => TestChatClient.Answering("strong"), _ => TestChatClient.Answering("weak"), configuration);
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<TwoModelRoutingOptions>>().CurrentValue;
    }
}
