namespace RouteLLM;

/// <summary>A router that can name the battles of its training data that decided a prediction; ask any router with <see cref="IRouter.GetService"/>.</summary>
public interface INearestBattleExplainer
{
    /// <summary>Names the battles nearest to a request among those that took part in its prediction.</summary>
    /// <param name="request">The request.</param>
    /// <param name="count">How many to name at most.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The battles, the most similar first.</returns>
    ValueTask<IReadOnlyList<NearestBattle>> ExplainAsync(RouteRequest request, int count = 5, CancellationToken cancellationToken = default);
}
