using Looper.Core.Learning.Linear;
using Looper.Core.Learning.Network;

namespace Looper.Core.Learning;

/// <summary>The families by name.</summary>
public static class Learners
{
    /// <summary>The learner of a family.</summary>
    /// <param name="family"><c>boosting</c>, <c>linear</c> or <c>network</c>.</param>
    /// <exception cref="UnlearnableException">No such family.</exception>
    public static ILearner Of(string family) => family switch
    {
        "boosting" => new GradientBoosting(),
        "linear" => new ElasticNet(),
        "network" => new SmallNetwork(),
        _ => throw TrainingChecks.Refused("family-unknown", $"There is no family '{family}'; the families are boosting, linear and network."),
    };

    /// <summary>Steps of one prediction, roughly: nodes passed, coefficients or weights multiplied.</summary>
    /// <param name="predictor">Any predictor.</param>
    public static double Cost(IPredictor predictor) => predictor switch
    {
        TreeEnsemble trees => trees.Trees.Sum(t => Math.Log2(t.Nodes.Length + 1)),
        LinearPredictor linear => linear.Terms.Length * linear.Outputs,
        NetworkPredictor network => network.Members.Sum(m => m.Length),
        TrainedPredictor trained => Cost(trained.Predictor),
        _ => double.NaN,
    };
}
