using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RouteLLM;

/// <summary>Says which of a predictor's models stands for a route, for a predictor that was trained under other names or on the models' relatives.</summary>
/// <remarks>A route that is not listed is looked up by its own name, then by its model id. Names are compared without regard to case. Several routes may share a model, such as deployments of different providers.</remarks>
/// <example>
/// <code>
/// ModelAliases aliases = new() { ["big"] = "gpt-4-1106-preview", ["gpt-4.1-mini"] = "mixtral-8x7b-instruct-v0.1" };
/// </code>
/// </example>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "Aliases are a table by name.")]
public sealed class ModelAliases : IEnumerable<KeyValuePair<string, string>>
{
    private readonly Dictionary<string, string> _predicted = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets the predictor's name of a model.</summary>
    /// <param name="route">The name of the route, or its model id.</param>
    /// <exception cref="KeyNotFoundException">The table does not list it.</exception>
    /// <exception cref="ArgumentException">A name is empty or white space.</exception>
    public string this[string route]
    {
        get => _predicted[route];
        set
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(route);
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            _predicted[route] = value;
        }
    }

    /// <summary>Finds which of a predictor's models stands for a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="models">The predictor's models.</param>
    /// <returns>The index of the model among <paramref name="models"/>.</returns>
    /// <exception cref="ArgumentException">None stands for the route; the message lists the models, and says what to change.</exception>
    public int Resolve(ModelRoute route, IReadOnlyList<string> models)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(models);
        string? alias = _predicted.GetValueOrDefault(route.Name) ?? (route.EffectiveModelId is { } id ? _predicted.GetValueOrDefault(id) : null);
        int index = alias is not null ? IndexOf(models, alias) : IndexOf(models, route.Name) is >= 0 and int byName ? byName : IndexOf(models, route.EffectiveModelId);
        return index >= 0
            ? index
            : throw new ArgumentException(
                $"The predictor knows no model {(alias is null ? $"for the route {route}" : $"'{alias}', which is the alias of the route {route}")}; it knows: {string.Join(", ", models)}. " +
                $"Add an alias for '{route.Name}' that names one of them.",
                nameof(route));
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _predicted.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int IndexOf(IReadOnlyList<string> models, string? name)
    {
        for (int i = 0; i < models.Count; i++)
        {
            if (string.Equals(models[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
