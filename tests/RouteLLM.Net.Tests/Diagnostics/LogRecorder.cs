using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>Keeps all that a log sink could write: message, values and exception.</summary>
internal sealed class LogRecorder : ILoggerFactory, ILogger
{
    private readonly List<Entry> _entries = [];
    private readonly List<string> _categories = [];

    public IReadOnlyList<Entry> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public IReadOnlyList<string> Categories => _categories;

    public LogLevel MinimumLevel { get; set; } = LogLevel.Trace;

    /// <summary>Gets everything written, as one text to search.</summary>
    public string Everything => string.Join('\n', Entries);

    public ILogger CreateLogger(string categoryName)
    {
        _categories.Add(categoryName);
        return this;
    }

    public Entry Single(string eventName) => Assert.Single(Entries, entry => entry.EventName == eventName);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= MinimumLevel;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        lock (_entries)
        {
            _entries.Add(new(logLevel, eventId.Name, formatter(state, exception), values.ToDictionary(), exception));
        }
    }

    public void Dispose()
    {
    }

    internal sealed record Entry(LogLevel Level, string? EventName, string Text, IReadOnlyDictionary<string, object?> Values, Exception? Exception)
    {
        public override string ToString() =>
            $"{Level} {EventName}: {Text} {string.Join(", ", Values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")))} {Exception}";
    }
}
