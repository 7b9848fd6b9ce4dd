namespace RouteLLM.Training;

/// <summary>Solves A x = b for a symmetric positive definite A that is only known by its products (Hestenes and Stiefel, "Methods of Conjugate Gradients for Solving Linear Systems", 1952).</summary>
internal static class ConjugateGradient
{
    /// <summary>Computes the product of the matrix and a vector.</summary>
    public delegate void Product(double[] vector, double[] result);

    /// <summary>Solves the system, starting from and ending in <paramref name="solution"/>.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="right">The right-hand side.</param>
    /// <param name="solution">Where to start; afterwards the solution.</param>
    /// <param name="maxIterations">After how many products to stop at the latest.</param>
    /// <param name="tolerance">Stops when the residual is less than this part of the right-hand side.</param>
    /// <param name="cancellationToken">Cancels between iterations.</param>
    public static void Solve(Product matrix, double[] right, double[] solution, int maxIterations, double tolerance, CancellationToken cancellationToken)
    {
        var residual = new double[right.Length];
        var product = new double[right.Length];
        matrix(solution, product);
        for (int i = 0; i < right.Length; i++)
        {
            residual[i] = right[i] - product[i];
        }

        double[] direction = [.. residual];
        double squares = Dot(residual, residual);
        double enough = tolerance * tolerance * Dot(right, right);
        for (int iteration = 0; iteration < maxIterations && squares > enough; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            matrix(direction, product);
            double step = squares / Dot(direction, product);
            for (int i = 0; i < right.Length; i++)
            {
                solution[i] += step * direction[i];
                residual[i] -= step * product[i];
            }

            double next = Dot(residual, residual);
            for (int i = 0; i < right.Length; i++)
            {
                direction[i] = residual[i] + (next / squares * direction[i]);
            }

            squares = next;
        }
    }

    // In a fixed order, so that the same system has the same solution to the last bit.
    private static double Dot(double[] x, double[] y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
