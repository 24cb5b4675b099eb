namespace Looper.Core.Learning;

/// <summary>What a learner minimises, and with it the meaning of a prediction. Values are stored: never renumber.</summary>
public enum Objective : byte
{
    /// <summary>Log loss of a 0/1 label; predicts a probability.</summary>
    Binary = 1,

    /// <summary>Log loss of a label 0…K−1; predicts K probabilities.</summary>
    Multiclass = 2,

    /// <summary>Squared error; predicts the mean.</summary>
    Squared = 3,

    /// <summary>Huber's error: squared near, absolute far; predicts a mean that gross errors cannot move.</summary>
    Huber = 4,

    /// <summary>Pinball loss; predicts the quantile <see cref="LearnerSettings.Quantile"/>.</summary>
    Quantile = 5,

    /// <summary>Poisson deviance of a count; predicts its mean.</summary>
    Poisson = 6,

    /// <summary>NDCG through LambdaMART, within <see cref="DataSet.Groups"/>; predicts a score that only orders.</summary>
    Ranking = 7,
}
