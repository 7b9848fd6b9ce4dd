namespace RouteLLM;

/// <summary>What happens to a request in which a classifier found something.</summary>
public enum SafetyAction
{
    /// <summary>It is refused with a <see cref="RequestRefusedException"/>, and no model is called.</summary>
    Refuse,

    /// <summary>It goes to routes with a tag only, such as <c>local</c>.</summary>
    RequireTag,

    /// <summary>It goes to one route only.</summary>
    RequireRoute,

    /// <summary>It goes where it would have gone, and the decision says what was found.</summary>
    Note,
}
