using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads the values of a configuration or of one of its sections; an error names the value's path and says what is expected.</summary>
/// <remarks>A key that is empty counts as absent: an environment file sets a variable to nothing to leave it out.</remarks>
internal sealed class ConfigurationReader(IConfiguration configuration, Action<string>? watch = null)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public delegate bool TryParse<T>(string text, out T value);

    /// <summary>Gets the path of the section, for errors; empty for a whole configuration.</summary>
    public string Path => (configuration as IConfigurationSection)?.Path ?? "";

    public string? Text(string key)
    {
        _known.Add(key);
        return configuration[key] is { Length: > 0 } text ? text : null;
    }

    public void Text(string key, Action<string> set)
    {
        if (Text(key) is { } text)
        {
            set(text);
        }
    }

    public void Number(string key, Action<double> set, string expected = "a number") => Parse(key, TryParseNumber, expected, set);

    public void Share(string key, Action<double> set) => Parse(key, TryParseNumber, "a number in [0, 1]", set);

    public void Money(string key, Action<decimal> set) => Parse(key, TryParseMoney, "an amount of USD, at least 0", set);

    public void Whole(string key, Action<int> set, string expected = "a whole number, at least 0") => Parse(key, TryParseWhole, expected, set);

    public void Flag(string key, Action<bool> set) => Parse(key, bool.TryParse, "true or false", set);

    public void Time(string key, Action<TimeSpan> set) => Parse(key, TryParseTime, "a time such as 00:00:05", set);

    /// <summary>Reads one of an enumeration's names.</summary>
    public void Name<T>(string key, Action<T> set)
        where T : struct, Enum =>
        Parse(key, static (string text, out T value) => Enum.TryParse(text, ignoreCase: true, out value) && !char.IsDigit(text[0]) && text[0] != '-', string.Join(" or ", Enum.GetNames<T>()), set);

    /// <summary>Reads a list of texts: the items of an array, or one text with commas.</summary>
    public void Texts(string key, Action<IReadOnlyList<string>> set)
    {
        _known.Add(key);
        IConfigurationSection section = configuration.GetSection(key);
        string[] items = [.. section.GetChildren().Select(static child => child.Value).OfType<string>().Where(static item => item.Length > 0)];
        if (items.Length > 0)
        {
            set(items);
        }
        else if (section.Value is { Length: > 0 } text)
        {
            set(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }
    }

    /// <summary>Reads a list of texts that may have commas: the items of an array, or one text as the only one.</summary>
    public string[] List(string key)
    {
        _known.Add(key);
        IConfigurationSection section = configuration.GetSection(key);
        return section.Value is { Length: > 0 } single ? [single] : [.. section.GetChildren().Select(static item => item.Value ?? "")];
    }

    public void Parse<T>(string key, TryParse<T> tryParse, string expected, Action<T> set)
    {
        if (Text(key) is { } text)
        {
            set(tryParse(text, out T value) ? value : throw Error(key, text, expected));
        }
    }

    /// <summary>Reads a file that a value names, and has it watched: a change of the file is one of the configuration, also where it cannot be read now.</summary>
    public void File<T>(string key, string expected, Func<string, T> load, Action<T> set)
    {
        if (Text(key) is not { } path)
        {
            return;
        }

        watch?.Invoke(path);
        try
        {
            set(load(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidCalibrationException or InvalidArtifactException)
        {
            throw Error(key, path, expected, error);
        }
    }

    /// <summary>Reads a section, if it is there, which may hold nothing but what is read.</summary>
    public void Section(string key, Action<ConfigurationReader> read)
    {
        _known.Add(key);
        IConfigurationSection section = configuration.GetSection(key);
        if (section.Exists())
        {
            Read(section, read);
        }
    }

    /// <summary>Reads the entries of a table of texts.</summary>
    public void Entries(string key, Action<string, string> set) => ReadEntries(key, (name, section) => set(name, section.Value ?? throw Missing(ConfigurationPath.Combine(key, name), "a text")));

    /// <summary>Reads the entries of a table of numbers.</summary>
    public void Numbers(string key, string expected, Action<string, double> set) => ReadEntries(key, (name, section) =>
        set(name, section.Value is { } text && TryParseNumber(text, out double value) ? value : throw Error(ConfigurationPath.Combine(key, name), section.Value ?? "", expected)));

    /// <summary>Reads the items of an array, in order.</summary>
    public void Items(string key, Action<ConfigurationReader> read)
    {
        _known.Add(key);
        foreach (IConfigurationSection item in configuration.GetSection(key).GetChildren())
        {
            Read(item, read);
        }
    }

    /// <summary>Throws if this is a section that holds a value that nothing has read: what is misspelt would be left out without a word. A whole configuration holds other things too.</summary>
    public void ThrowIfUnread()
    {
        if (configuration is IConfigurationSection section && section.GetChildren().FirstOrDefault(child => !_known.Contains(child.Key)) is { } unknown)
        {
            throw new InvalidOperationException($"The configuration has the value {unknown.Path}, which nothing reads; known in {section.Path} are {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        }
    }

    public InvalidOperationException Error(string key, string text, string expected, Exception? cause = null) =>
        new($"The configuration value {PathOf(key)} is '{text}', but {expected} is expected{(cause is null ? "." : $": {cause.Message}")}", cause);

    public InvalidOperationException Missing(string key, string expected) => new($"The configuration has no value {PathOf(key)}, but {expected} is expected.");

    public static bool TryParseNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static bool TryParseMoney(string text, out decimal value) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    private static bool TryParseWhole(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    // "5" would be five days to TimeSpan, which no one means.
    public static bool TryParseTime(string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && text.Contains(':');

    private string PathOf(string key) => Path.Length > 0 ? ConfigurationPath.Combine(Path, key) : key;

    private void ReadEntries(string key, Action<string, IConfigurationSection> read)
    {
        _known.Add(key);
        foreach (IConfigurationSection entry in configuration.GetSection(key).GetChildren())
        {
            read(entry.Key, entry);
        }
    }

    private void Read(IConfigurationSection section, Action<ConfigurationReader> read)
    {
        var reader = new ConfigurationReader(section, watch);
        read(reader);
        reader.ThrowIfUnread();
        if (section.Value is { Length: > 0 } text)
        {
            throw new InvalidOperationException($"The configuration value {section.Path} is '{text}', but a section is expected, with some of {string.Join(", ", reader._known.Order(StringComparer.Ordinal))}.");
        }
    }
}
