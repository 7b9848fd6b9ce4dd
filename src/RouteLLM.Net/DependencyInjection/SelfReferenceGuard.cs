namespace RouteLLM.DependencyInjection;

/// <summary>Finds out a client that is being made from itself, which would end in a stack overflow or a deadlock of the container.</summary>
/// <remarks>A factory that asks the container for the client it is part of comes back on the same thread.</remarks>
internal static class SelfReferenceGuard
{
    [ThreadStatic]
    private static List<object>? t_underConstruction;

    /// <summary>Makes a client.</summary>
    /// <param name="identity">Stands for what is made; entered twice at once, it is made from itself.</param>
    /// <param name="describe">Names it, for the error.</param>
    /// <param name="make">Makes it.</param>
    /// <exception cref="InvalidOperationException">It is made from itself.</exception>
    public static T Make<T>(object identity, Func<string> describe, Func<T> make)
    {
        List<object> underConstruction = t_underConstruction ??= [];
        if (underConstruction.Contains(identity))
        {
            throw new InvalidOperationException(
                $"The strong client, the weak client or a router of {describe()} is made from that client itself. " +
                "Register the models' clients under keys, with AddKeyedChatClient(\"strong\", ...) and AddKeyedChatClient(\"weak\", ...), and resolve those.");
        }

        underConstruction.Add(identity);
        try
        {
            return make();
        }
        finally
        {
            underConstruction.Remove(identity);
        }
    }
}
