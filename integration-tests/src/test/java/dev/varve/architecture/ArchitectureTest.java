package dev.varve.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The house keeps its own rules; the tests beside this one prove that each rule can be broken. */
class ArchitectureTest {
  private final House house = House.ofThisBuild();

  @ParameterizedTest
  @EnumSource
  void modulesUseOnlyWhatTheGraphAllows(Room room) {
    assertThat(ModuleEdges.violations(room, house.classesOf(room))).isEmpty();
  }

  @Test
  void everyModuleHasAPlaceInTheGraph() {
    assertThat(ModuleTable.violations(house)).isEmpty();
  }

  @Test
  void librariesStayInTheirPlaces() {
    assertThat(LibraryEdges.violations(mainClasses())).isEmpty();
  }

  @Test
  void threadsPropertiesAndTheConsoleBelongToTheCaller() {
    assertThat(ForbiddenCalls.violations(mainClasses())).isEmpty();
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(NullMarkedPackages.violations(mainClasses())).isEmpty();
  }

  @Test
  void filesAreShort() {
    assertThat(FileSizes.violations(house)).isEmpty();
  }

  @Test
  void theTopFolderHoldsTheRoomsAndNothingElse() {
    assertThat(TopLevel.violations(house)).isEmpty();
  }

  @Test
  void noFileNamesAMachineOrARegistry() {
    assertThat(ForeignWords.violations(house)).isEmpty();
  }

  private List<ClassFacts> mainClasses() {
    return Arrays.stream(Room.values()).flatMap(room -> house.classesOf(room).stream()).toList();
  }
}
