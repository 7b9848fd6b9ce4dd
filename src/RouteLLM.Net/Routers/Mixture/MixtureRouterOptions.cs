namespace RouteLLM;

/// <summary>Options of a <see cref="MixtureRouter"/>; read once, when the router is made.</summary>
public sealed class MixtureRouterOptions
{
    /// <summary>Gets or sets the router's name. The default is <c>mixture</c>.</summary>
    public string Name { get; set; } = "mixture";

    /// <summary>Gets or sets what becomes of the mixture when a part fails. The default is <see cref="MixtureFailure.Fail"/>.</summary>
    public MixtureFailure OnFailure { get; set; }

    /// <summary>Gets or sets how long a part may take, for one request or for a batch. The default is <see cref="Timeout.InfiniteTimeSpan"/>: no limit but that of whoever asks the mixture.</summary>
    public TimeSpan PartTimeLimit { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Gets or sets what is told of each part that is left out: the part, and why. It may be called from many threads at once.</summary>
    public Action<MixturePart, Exception>? PartLeftOut { get; set; }

    /// <summary>Gets or sets the quantiles of the mixture's own scores, so that a strong share can be asked for. The default is <see langword="null"/>: the parts' quantiles say nothing of the sum's.</summary>
    public ScoreQuantiles? Quantiles { get; set; }

    /// <summary>Gets or sets the clock of <see cref="PartTimeLimit"/>. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
