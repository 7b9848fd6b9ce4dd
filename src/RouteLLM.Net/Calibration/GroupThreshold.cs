namespace RouteLLM;

/// <summary>The threshold of one group of requests, and what went into it.</summary>
/// <param name="Rows">How many rows the group has.</param>
/// <param name="OwnThreshold">The threshold that the group's rows alone lead to.</param>
/// <param name="OwnWeight">How much they count against the common threshold, in [0, 1].</param>
/// <param name="Threshold">The weighted mean of both: the threshold to use.</param>
public readonly record struct GroupThreshold(int Rows, double OwnThreshold, double OwnWeight, double Threshold);
