using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using RouteLLM.Diagnostics;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>The latest valid options of one routed client, and those who follow them.</summary>
/// <remarks>An options monitor will not do: it forgets the old value before it validates the new one, and throws at whoever triggered the change.</remarks>
internal sealed class LiveRoutingOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions> : IDisposable
    where TOptions : RoutedChatClientOptions
{
    private readonly Lock _lock = new();
    private readonly List<Action<TOptions>> _followers = [];
    private readonly List<IDisposable> _subscriptions;
    private readonly IOptionsFactory<TOptions> _factory;
    private readonly ILogger _logger;
    private readonly FileWatch _files;
    private readonly string _name;
    private TOptions _current;

    /// <summary>Gets what clients with these options have learned.</summary>
    public RoutingState State { get; } = new();

    public LiveRoutingOptions(RoutingRegistration<TOptions> registration, IServiceProvider services)
    {
        _name = registration.Name;
        _factory = services.GetRequiredService<IOptionsFactory<TOptions>>();
        _logger = services.GetService<ILoggerFactory>()?.CreateLogger(typeof(RoutedChatClient)) ?? NullLogger.Instance;

        // Tokens are taken before the values are read, and listened to afterwards, so that no change falls in between.
        var sources = services.GetServices<IOptionsChangeTokenSource<TOptions>>()
            .Where(source => (source.Name ?? Options.DefaultName) == _name)
            .Select(static source => (Source: source, Token: source.GetChangeToken()))
            .ToList();
        RouterChanges routers = services.GetRequiredService<RouterChanges>();
        IChangeToken routersToken = routers.GetChangeToken();
        _files = services.GetRequiredKeyedService<FileWatch>(registration);
        _current = Read();
        _files.Changed = OnChange;
        _subscriptions = [.. sources.Select(source => Subscribe(source.Source.GetChangeToken, source.Token)), Subscribe(routers.GetChangeToken, routersToken)];
    }

    /// <summary>Calls <paramref name="follower"/> with the current options now, and with each later valid version.</summary>
    public void Follow(Action<TOptions> follower, out Action stop)
    {
        lock (_lock)
        {
            follower(_current);
            _followers.Add(follower);
        }

        stop = () =>
        {
            lock (_lock)
            {
                _followers.Remove(follower);
            }
        };
    }

    public void Dispose()
    {
        _files.Dispose();
        _subscriptions.ForEach(static subscription => subscription.Dispose());
    }

    private TOptions Read()
    {
        _files.Begin();
        TOptions options = _factory.Create(_name);
        _files.End();
        return options;
    }

    private IDisposable Subscribe(Func<IChangeToken> getChangeToken, IChangeToken firstToken)
    {
        IChangeToken? first = firstToken;
        return ChangeToken.OnChange(() => Interlocked.Exchange(ref first, null) ?? getChangeToken(), OnChange);
    }

    private void OnChange()
    {
        lock (_lock)
        {
            try
            {
                TOptions changed = Read();
                foreach (Action<TOptions> follower in _followers)
                {
                    follower(changed);
                }

                _current = changed;
                _logger.ConfigurationChanged(_name);
            }
            catch (Exception error)
            {
                _logger.ConfigurationRefused(error, _name);
            }
        }
    }
}
