using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Models;

public static class ModelsSetup
{
    /// <summary>Training, the registry of models, and what people do to them.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services)
    {
        services.AddSingleton<TrainingPipeline>();
        services.AddSingleton<RepeatedTraining>();
        services.AddSingleton<Registration>();
        services.AddSingleton<ShadowReview>();
        services.AddSingleton<TrainingTriggers>();
        services.AddSingleton<TrainingCounts>();
        services.AddSingleton<ModelQueries>();
        services.AddSingleton<ModelActions>();
        services.AddSingleton<ModelComparisons>();
        services.AddSingleton<RecentRows>();
        return services;
    }
}
