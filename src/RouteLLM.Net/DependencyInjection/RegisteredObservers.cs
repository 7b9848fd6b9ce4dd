namespace RouteLLM.DependencyInjection;

/// <summary>Has a client report to the observers that are registered in its container.</summary>
internal static class RegisteredObservers
{
    public static void AddTo(RoutedChatClientOptions options, IEnumerable<IRoutingObserver> observers)
    {
        foreach (IRoutingObserver observer in observers.Where(observer => !options.Observers.Contains(observer)))
        {
            options.Observers.Add(observer);
        }
    }
}
