namespace RouteLLM.Training;

/// <summary>How a linear model is fitted.</summary>
public enum LinearMethod
{
    /// <summary>Least squares with an L2 penalty (Hoerl and Kennard, 1970), by conjugate gradients.</summary>
    Ridge,

    /// <summary>Logistic regression, on soft labels too, with an L2 penalty, by L-BFGS.</summary>
    Logistic,
}
