namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>Resilience</c>: its times, counts and <c>Balancing</c>, <c>Cooldown</c> and <c>CircuitBreaker</c> (<c>Enabled: false</c> switches one off), and under <c>Routes</c> the same by a route's <c>Name</c>.</summary>
internal sealed class ResilienceConfiguration : IFeatureConfiguration
{
    private const string Enabled = nameof(Enabled);
    private const string Name = nameof(Name);

    public string Section => nameof(RoutedChatClientOptions.Resilience);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        ResilienceOptions resilience = options.Resilience ??= new();
        section.Whole(nameof(resilience.MaxAttempts), value => resilience.MaxAttempts = value);
        section.Time(nameof(resilience.TotalTimeout), value => resilience.TotalTimeout = value);
        BindRoute(section, resilience);
        section.Items(nameof(resilience.Routes), item =>
        {
            string name = item.Text(Name) ?? throw item.Missing(Name, "the name of a route");
            if (!resilience.Routes.TryGetValue(name, out RouteResilienceOptions? route))
            {
                resilience.Routes[name] = route = new();
            }

            BindRoute(item, route);
        });
    }

    private static void BindRoute(ConfigurationReader section, RouteResilienceOptions route)
    {
        section.Time(nameof(route.AttemptTimeout), value => route.AttemptTimeout = value);
        section.Time(nameof(route.FirstUpdateTimeout), value => route.FirstUpdateTimeout = value);
        section.Time(nameof(route.HedgeDelay), value => route.HedgeDelay = value);
        section.Whole(nameof(route.MaxRetries), value => route.MaxRetries = value);
        section.Time(nameof(route.RetryDelay), value => route.RetryDelay = value);
        section.Time(nameof(route.MaxRetryDelay), value => route.MaxRetryDelay = value);
        section.Name<LoadBalancing>(nameof(route.Balancing), value => route.Balancing = value);
        section.Section(nameof(route.Cooldown), read =>
        {
            CooldownOptions cooldown = route.Cooldown ??= new();
            read.Whole(nameof(cooldown.Failures), value => cooldown.Failures = value);
            read.Time(nameof(cooldown.Period), value => cooldown.Period = value);
            read.Time(nameof(cooldown.MaxPeriod), value => cooldown.MaxPeriod = value);
            read.Whole(nameof(cooldown.Probes), value => cooldown.Probes = value);
            read.Flag(Enabled, value => route.Cooldown = value ? cooldown : null);
        });
        section.Section(nameof(route.CircuitBreaker), read =>
        {
            CircuitBreakerOptions breaker = route.CircuitBreaker ??= new();
            read.Share(nameof(breaker.FailureRatio), value => breaker.FailureRatio = value);
            read.Whole(nameof(breaker.MinimumThroughput), value => breaker.MinimumThroughput = value);
            read.Time(nameof(breaker.SamplingDuration), value => breaker.SamplingDuration = value);
            read.Time(nameof(breaker.BreakDuration), value => breaker.BreakDuration = value);
            read.Flag(Enabled, value => route.CircuitBreaker = value ? breaker : null);
        });
    }
}
