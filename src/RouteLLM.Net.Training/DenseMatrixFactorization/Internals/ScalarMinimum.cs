namespace RouteLLM.Training;

/// <summary>Minimises a function of one number that first falls and then rises: the golden-section search (Kiefer, "Sequential Minimax Search for a Maximum", 1953).</summary>
internal static class ScalarMinimum
{
    private const double Precision = 1e-6;

    public static double Find(Func<double, double> function, double low, double high)
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        double left = high - (ratio * (high - low)), right = low + (ratio * (high - low));
        double atLeft = function(left), atRight = function(right);
        while (high - low > Precision)
        {
            if (atLeft <= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - (ratio * (high - low));
                atLeft = function(left);
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + (ratio * (high - low));
                atRight = function(right);
            }
        }

        return (low + high) / 2;
    }
}
