using Looper.Core.Numerics;

namespace Looper.Core.Simulation;

/// <summary>When a notification is sent: its score, weighted click chance and worth less what was sent lately, against a threshold.</summary>
/// <param name="Threshold">Least score that is sent.</param>
/// <param name="ClickWeight">Weight of the predicted chance of a click.</param>
/// <param name="WorthWeight">Weight of the predicted worth of sending: chance of a click times what the click is worth.</param>
/// <param name="RestWeight">What each notification of the last days takes off the score of the next one.</param>
public readonly record struct NotificationPolicy(double Threshold, double ClickWeight, double WorthWeight, double RestWeight)
{
    /// <summary>What the product does before anything is tuned: every notification that seems likely enough to be clicked.</summary>
    public static NotificationPolicy Present => new(0.25, 1, 0, 0);
}

/// <summary>What a policy does to users, by simulation.</summary>
/// <param name="Worth">Mean worth of clicks a user, over the days.</param>
/// <param name="OptOuts">Share of users who switched notifications off.</param>
public readonly record struct NotificationFigures(double Worth, double OptOuts);

/// <summary>An app that may notify its users a few times a day. Each notification tires: later ones are clicked less, and a tired user may
/// switch them off for good. The truth of a policy is known by simulating as many users as one likes.</summary>
public static class NotificationProduct
{
    public const int Days = 14, OccasionsPerDay = 3;

    private const double Memory = 0.75, Tiring = 0.55, OptOutBase = 0.0006, OptOutTired = 0.0045;

    /// <summary>What becomes of one user in two weeks. The same user meets the same occasions under every policy.</summary>
    /// <param name="number">Which user.</param>
    public static (double Worth, bool OptedOut) User(NotificationPolicy policy, long seed, long number)
    {
        var random = new Philox(seed, "user", number);
        var interest = 0.8 * random.Normal() - 1.1;
        var patience = Math.Exp(0.4 * random.Normal());
        double tired = 0, worth = 0;
        for (var day = 0; day < Days; day++)
        {
            for (var occasion = 0; occasion < OccasionsPerDay; occasion++)
            {
                // drawn whether sent or not, so that policies share their chances
                var relevance = random.Normal();
                var value = Math.Exp(0.6 * random.Normal());
                var (predictedNoise, click, leave) = (random.Normal(), random.Uniform(), random.Uniform());
                var predictedClick = Elementary.Sigmoid(interest + relevance + 0.4 * predictedNoise);
                if (policy.ClickWeight * predictedClick + policy.WorthWeight * value * predictedClick - policy.RestWeight * tired < policy.Threshold) continue;
                if (click < Elementary.Sigmoid(interest + relevance - Tiring * tired / patience)) worth += value;
                tired++;
                if (leave < OptOutBase + OptOutTired * tired / patience * Elementary.Sigmoid(-interest - relevance)) return (worth, true);
            }
            tired *= Memory;
        }
        return (worth, false);
    }

    /// <summary>Means over users 0 to <paramref name="users"/> − 1.</summary>
    public static NotificationFigures Simulate(NotificationPolicy policy, int users, long seed)
    {
        var worth = 0.0;
        var left = 0;
        for (var user = 0; user < users; user++)
        {
            var (gained, optedOut) = User(policy, seed, user);
            worth += gained;
            if (optedOut) left++;
        }
        return new(worth / users, left / (double)users);
    }
}
