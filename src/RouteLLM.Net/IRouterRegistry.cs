namespace RouteLLM;

/// <summary>Finds routers by name, so that a request can ask for one and an error can list them.</summary>
public interface IRouterRegistry
{
    /// <summary>Gets the names that can be asked for.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Finds a router.</summary>
    /// <param name="name">The name, compared ordinally.</param>
    /// <returns>The router, or <see langword="null"/> if there is none of that name.</returns>
    IRouter? Find(string name);
}
