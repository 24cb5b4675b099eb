using Looper.Core.Decisions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Policies;

internal sealed class ApprenticeMapping : IEntityTypeConfiguration<Apprentice>
{
    public void Configure(EntityTypeBuilder<Apprentice> builder)
    {
        builder.ToTable("apprentices");
        builder.HasIndex(a => a.DecisionPointId).IsUnique();
        builder.HasOne<DecisionPoint>().WithMany().HasForeignKey(a => a.DecisionPointId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(a => a.StartedBy).HasMaxLength(200);
    }
}
